import { KvError } from "../namespace/errors.js";
import { type Clock, recoveringClock } from "./clock.js";
import type { OptionNames } from "./option-names.js";
import type { StoreOutage } from "./store-access.js";
import { systemTimer, type Timer } from "./timer.js";

/** What every recipe takes. */
export interface RecipeOptions {
  /** Comes before every key of the recipe; two recipes on one namespace need different ones. */
  readonly prefix?: string | undefined;
  /**
   * `"atomic"`: refuses a plain Workers KV binding at once, with `atomics_required`, instead of promising less on it.
   *
   * @default any binding will do
   */
  readonly require?: "atomic" | undefined;
  /**
   * How long one request to the store may take, in milliseconds; then it counts as `unavailable`. A write that took
   * longer may or may not have been made.
   *
   * @default 2_000
   */
  readonly timeoutMs?: number | undefined;
  /** Hears when the store stops answering and when it answers again: once each, however many requests fail. */
  readonly onOutage?: ((outage: StoreOutage) => void) | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Numbers from 0 up to, not including, 1: pauses and other choices that guard no secret. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Waits. @default setTimeout */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined;
  /** Ends what takes too long, and renews leases. @default setTimeout */
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

/** The same with every default filled in. */
export interface RecipeSurroundings {
  readonly prefix: string;
  /** Holds still for a moment where the real one steps back, and then goes on from its new time. */
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
 * A whole number within bounds, both included.
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
 * A number within bounds, both included.
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
