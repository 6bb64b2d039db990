import { KvError } from "../../namespace/errors.js";
import { Batches } from "../shared/batches.js";
import type { RecipeBinding } from "../shared/binding.js";
import { changeEntry } from "../shared/change-entry.js";
import type { RecipeSurroundings } from "../shared/options.js";
import { storeTtl } from "../shared/store-ttl.js";
import { CHECKS_PER_WRITE_MAX, CLOCK_DIFFERENCE_SECONDS } from "./limits.js";
import type { Counting, Verdict } from "./result.js";

/**
 * An algorithm that needs only one small state for each key. It has no side effects, so it may be run
 * repeatedly.
 */
export interface Meter<State> {
  /** Parses a state. Returns `undefined` if the JSON is not one. */
  parse(json: unknown): State | undefined;
  /** The state of a key that was never checked. */
  readonly empty: State;
  /** Takes `cost`. The returned state is the new one if the check was allowed. */
  take(state: State, cost: number, nowMs: number): { readonly state: State; readonly result: Verdict };
}

/**
 * Counts with a meter whose state is one entry. The entry is read, decided on, and written if it has not
 * changed meanwhile. Two requests, or one if all checks were rejected. Checks of one key that arrive
 * meanwhile in this process share the next write.
 */
export function meteredEntry<State>(
  { kv, atomic }: RecipeBinding,
  meter: Meter<State>,
  surroundings: RecipeSurroundings,
): Counting {
  const { nowMs } = surroundings;
  const waiting = new Map<string, Batches<number, Verdict>>();

  /** Decides the checks one after the other. `put` is set if any of them was allowed. */
  function decide(key: string, text: string | null, costs: readonly number[]) {
    const now = nowMs();
    let state = stateOf(meter, key, text);
    let untilSeconds: number | undefined;
    const result = costs.map((cost) => {
      const taken = meter.take(state, cost, now);
      if (taken.result.allowed) {
        state = taken.state;
        untilSeconds = taken.result.resetSeconds;
      }
      return taken.result;
    });
    if (untilSeconds === undefined) return { result };
    const expirationTtl = storeTtl(untilSeconds + CLOCK_DIFFERENCE_SECONDS);
    return { result, put: { value: JSON.stringify(state), options: { expirationTtl } } };
  }

  async function checkTogether(key: string, costs: readonly number[]): Promise<readonly Verdict[]> {
    if (atomic !== undefined) {
      return changeEntry(atomic, key, (current) => decide(key, current?.value ?? null, costs), surroundings);
    }
    const { result, put } = decide(key, await kv.get(key), costs);
    if (put !== undefined) await kv.put(key, put.value, put.options);
    return result;
  }

  return {
    check(key, cost) {
      let batches = waiting.get(key);
      if (batches === undefined) {
        batches = new Batches((costs) => checkTogether(key, costs), {
          weightMax: CHECKS_PER_WRITE_MAX,
          onIdle: () => waiting.delete(key),
        });
        waiting.set(key, batches);
      }
      return batches.add(cost);
    },
    async peek(key) {
      const state = stateOf(meter, key, await kv.get(key));
      const now = nowMs();
      const { result } = meter.take(state, 1, now);
      return result.allowed ? { ...result, ...unused(meter, state, now) } : result;
    },
    async reset(key) {
      await kv.delete(key);
    },
  };
}

/** The remaining amount, determined with a cost of 0. */
function unused<State>(meter: Meter<State>, state: State, nowMs: number) {
  const { remaining, resetSeconds } = meter.take(state, 0, nowMs).result;
  return { remaining, resetSeconds };
}

function stateOf<State>(meter: Meter<State>, key: string, text: string | null): State {
  if (text === null) return meter.empty;
  let state: State | undefined;
  try {
    state = meter.parse(JSON.parse(text));
  } catch {
    // Text that is not JSON is not a state either.
  }
  if (state !== undefined) return state;
  throw new KvError("value_invalid", `${JSON.stringify(key)} holds something else than a limiter's state.`, {
    hint: "Give the limiter a prefix that nothing else uses.",
  });
}
