import { KvError } from "../../namespace/errors.js";
import type { Timer } from "./timer.js";
import { within } from "./within.js";

/** Reports that a store has stopped responding, or responds again. */
export interface StoreOutage {
  /** The name of the recipe, for example `rateLimit`. */
  readonly recipe: string;
  readonly state: "away" | "back";
  /** The error of the first failed request. */
  readonly error: unknown;
  /** Number of failed requests so far. */
  readonly failures: number;
}

export interface StoreAccessOptions {
  readonly recipe: string;
  readonly timeoutMs: number;
  readonly timer: Timer;
  readonly onOutage: ((outage: StoreOutage) => void) | undefined;
}

/** Error codes of a store in trouble. All others concern the request or its permissions. */
const TROUBLE = /^(unavailable|outcome_unknown|rate_limited|internal|storage_\w+)$/;

/**
 * A recipe's access to its store. Every request has a time limit, except deletions by prefix. Failures of a
 * store in trouble are distinguished from other errors, counted, and reported once for each outage.
 */
export interface StoreAccess {
  /** Wraps a namespace so that its requests are limited and observed. */
  watched<Target extends object>(target: Target): Target;
  /** Whether a request of this recipe failed with this error because the store is in trouble. */
  isTrouble(error: unknown): boolean;
}

export function storeAccess({ recipe, timeoutMs, timer, onOutage }: StoreAccessOptions): StoreAccess {
  const failed = new WeakSet<object>();
  let outage: { readonly error: unknown; failures: number } | undefined;

  const late = () => {
    throw new KvError("unavailable", `The store did not answer within ${timeoutMs} ms.`, {
      hint: "What it was asked to write may or may not have been written.",
    });
  };

  function answered(): void {
    const ended = outage;
    outage = undefined;
    if (ended !== undefined) onOutage?.({ recipe, state: "back", ...ended });
  }

  async function outcome(work: Promise<unknown>): Promise<unknown> {
    try {
      const result = await work;
      answered();
      return result;
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === undefined) {
        answered();
        throw error;
      }
      failed.add(trouble);
      if (outage === undefined) {
        outage = { error: trouble, failures: 1 };
        onOutage?.({ recipe, state: "away", ...outage });
      } else {
        outage.failures++;
      }
      throw trouble;
    }
  }

  function watched<Target extends object>(target: Target): Target {
    const proxy: Target = new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          const result: unknown = member.apply(target, args);
          // The steps of `atomic()` return the same object. Only `commit` sends a request.
          if (result === target) return proxy;
          if (name === "atomic") return watched(result as object);
          if (!(result instanceof Promise)) return result;
          // The duration depends on the number of entries, so there is no time limit.
          if (name === "deletePrefix") return outcome(result);
          return outcome(within(result, { ms: timeoutMs, timer, late }));
        };
      },
    });
    return proxy;
  }

  return { watched, isTrouble: (error) => failed.has(error as object) };
}

/**
 * Whether a write that failed with this error may have been made all the same: its response was lost, or a
 * cluster did not confirm it.
 */
export function isInDoubt(error: unknown): error is KvError {
  return error instanceof KvError && (error.code === "unavailable" || error.code === "outcome_unknown");
}

/** Whether a cluster did not confirm a write. The store itself responds. */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof KvError && error.code === "outcome_unknown";
}

/** Whether an error means that the store is in trouble. */
export function isStoreTrouble(error: unknown): error is KvError {
  return error instanceof KvError && TROUBLE.test(error.code);
}

/** The error as a `KvError`, if the store caused it. Plain Workers KV rejects with plain errors. */
function troubleOf(error: unknown): KvError | undefined {
  if (error instanceof KvError) return isStoreTrouble(error) ? error : undefined;
  if (!(error instanceof Error) || error instanceof TypeError) return undefined;
  return new KvError("unavailable", error.message, { cause: error });
}
