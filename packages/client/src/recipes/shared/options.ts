import { KvError } from "../../namespace/errors.js";
import { type Clock, recoveringClock } from "./clock.js";
import type { OptionNames } from "./option-names.js";
import type { StoreOutage } from "./store-access.js";
import { systemTimer, type Timer } from "./timer.js";

/** Options of all recipes. */
export interface RecipeOptions {
  /** Prefix of all keys of the recipe. Two recipes in one namespace need different prefixes. */
  readonly prefix?: string | undefined;
  /**
   * `"atomic"`: rejects a plain Workers KV binding immediately with `atomics_required`,
   * instead of giving a weaker guarantee.
   *
   * @default accepts any binding
   */
  readonly require?: "atomic" | undefined;
  /**
   * Time limit of one request to the store, in milliseconds. After that it counts as `unavailable`. A write
   * that took longer may or may not have been made.
   *
   * @default 2_000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Called once when the store stops responding and once when it responds again, for
   * any number of failed requests.
   */
  readonly onOutage?: ((outage: StoreOutage) => void) | undefined;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
  /**
   * Random numbers from 0 to less than 1, for pauses and other choices that are not secret. @default
   * Math.random
   */
  readonly random?: (() => number) | undefined;
  /** Sleeps. @default setTimeout */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined;
  /** Runs time limits and renews leases. @default setTimeout */
  readonly timer?: Timer | undefined;
}

export const RECIPE_OPTION_NAMES: OptionNames<RecipeOptions> = {
  prefix: true,
  require: true,
  timeoutMs: true,
  onOutage: true,
  clock: true,
  random: true,
  sleep: true,
  timer: true,
};

/** The resolved options. */
export interface RecipeSurroundings {
  readonly prefix: string;
  /** Stands still for a moment if the real clock steps back, then continues from its new time. */
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly timer: Timer;
}

export function surroundings(options: RecipeOptions, defaultPrefix: string): RecipeSurroundings {
  const { prefix = defaultPrefix } = options;
  if (typeof prefix !== "string") throw invalidOption("prefix", prefix, "a string");
  return {
    prefix,
    nowMs: recoveringClock(options.clock),
    random: options.random ?? Math.random,
    sleep: options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
    timer: options.timer ?? systemTimer,
  };
}

/**
 * Checks that a value is a whole number from min to max.
 *
 * @throws KvError `option_invalid`
 */
export function wholeNumber(
  name: string,
  value: unknown,
  { min, max = Number.MAX_SAFE_INTEGER }: { readonly min: number; readonly max?: number },
): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max)
    return value as number;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw invalidOption(name, value, `a whole number ${range}`);
}

/**
 * Checks that a value is a number from min to max.
 *
 * @throws KvError `option_invalid`
 */
export function numberBetween(
  name: string,
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw invalidOption(name, value, `a number from ${min} to ${max}`);
}

/** @throws KvError `option_invalid` */
export function nonEmptyText(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalidOption(name, value, "a string that is not empty");
}

export function invalidOption(name: string, value: unknown, expected: string): KvError {
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  return new KvError("option_invalid", `Invalid ${name} of ${shown}.`, { hint: `Pass ${expected}.` });
}
