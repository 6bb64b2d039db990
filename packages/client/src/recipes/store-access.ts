import { KvError, type KvErrorCode } from "../errors.js";
import type { Timer } from "./timer.js";
import { within } from "./within.js";

/** That a store stopped answering, or answers again. */
export interface StoreOutage {
  /** Such as `rateLimit`. */
  readonly recipe: string;
  readonly state: "away" | "back";
  /** What the first failed request said. */
  readonly error: unknown;
  /** Requests that failed so far. */
  readonly failures: number;
}

export interface StoreAccessOptions {
  readonly recipe: string;
  readonly timeoutMs: number;
  readonly timer: Timer;
  readonly onOutage: ((outage: StoreOutage) => void) | undefined;
}

/** Errors by which a store says that it is in trouble; all others are about the request, or the right to make it. */
const TROUBLE: ReadonlySet<KvErrorCode> = new Set<KvErrorCode>([
  "unavailable",
  "rate_limited",
  "internal",
  "storage_full",
  "storage_read_only",
  "storage_corrupt",
  "storage_format",
]);

/**
 * A recipe's way to its store. No request takes longer than the limit, except for deletions by prefix; those that fail because the store is in trouble
 * are told from all other errors, counted, and reported once for each outage.
 */
export class StoreAccess {
  readonly #options: StoreAccessOptions;
  readonly #failed = new WeakSet<object>();
  #outage: { readonly error: unknown; failures: number } | undefined;

  constructor(options: StoreAccessOptions) {
    this.#options = options;
  }

  /** The same namespace, whose requests are bounded and watched. */
  watched<Target extends object>(target: Target): Target {
    const watched: Target = new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          const result: unknown = member.apply(target, args);
          // The steps of `atomic()` return the same object, and only `commit` asks the store.
          if (result === target) return watched;
          if (name === "atomic") return this.watched(result as object);
          if (!(result instanceof Promise)) return result;
          // How long this takes depends on how much there is.
          return this.#outcome(name === "deletePrefix" ? result : this.#bounded(result));
        };
      },
    });
    return watched;
  }

  /** Whether a request of this recipe failed with this error because the store is in trouble. */
  isTrouble(error: unknown): boolean {
    return typeof error === "object" && error !== null && this.#failed.has(error);
  }

  #bounded(work: Promise<unknown>): Promise<unknown> {
    const { timeoutMs, timer } = this.#options;
    const late = () => {
      throw tooLate(timeoutMs);
    };
    return within(work, { ms: timeoutMs, timer, late });
  }

  async #outcome(work: Promise<unknown>): Promise<unknown> {
    try {
      const result = await work;
      this.#answered();
      return result;
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === undefined) {
        this.#answered();
        throw error;
      }
      this.#failed.add(trouble);
      this.#failedWith(trouble);
      throw trouble;
    }
  }

  #answered(): void {
    const outage = this.#outage;
    if (outage === undefined) return;
    this.#outage = undefined;
    this.#report("back", outage);
  }

  #failedWith(error: unknown): void {
    if (this.#outage !== undefined) {
      this.#outage.failures++;
      return;
    }
    this.#outage = { error, failures: 1 };
    this.#report("away", this.#outage);
  }

  #report(state: StoreOutage["state"], { error, failures }: { error: unknown; failures: number }): void {
    const { recipe, onOutage } = this.#options;
    onOutage?.({ recipe, state, error, failures });
  }
}

/** Whether a request failed because its store is in trouble. */
export function isStoreTrouble(error: unknown): error is KvError {
  return error instanceof KvError && TROUBLE.has(error.code);
}

/** The error as a `KvError`, where the store is to blame. Plain Workers KV rejects with plain errors. */
function troubleOf(error: unknown): KvError | undefined {
  if (error instanceof KvError) return isStoreTrouble(error) ? error : undefined;
  if (!(error instanceof Error) || error instanceof TypeError) return undefined;
  return new KvError("unavailable", error.message, { cause: error });
}

function tooLate(timeoutMs: number): KvError {
  return new KvError("unavailable", `The store did not answer within ${timeoutMs} ms.`, {
    hint: "What it was asked to write may or may not have been written.",
  });
}
