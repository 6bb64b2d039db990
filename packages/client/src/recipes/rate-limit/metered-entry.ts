import { KvError } from "../../namespace/errors.js";
import { Batches } from "../batches.js";
import type { RecipeBinding } from "../binding.js";
import { changeEntry } from "../change-entry.js";
import type { RecipeSurroundings } from "../options.js";
import { storeTtl } from "../store-ttl.js";
import { CHECKS_PER_WRITE_MAX, CLOCK_DIFFERENCE_SECONDS } from "./limits.js";
import type { Counting, Verdict } from "./result.js";

/** An algorithm whose whole memory of a key is one small state; it has no effect, so it may decide again and again. */
export interface Meter<State> {
  /** The state that JSON text says, `undefined` when it says none. */
  parse(json: unknown): State | undefined;
  /** What is true of nobody who asked yet. */
  readonly empty: State;
  /** Takes `cost`. The state that comes back is the new one when it was allowed. */
  take(state: State, cost: number, nowMs: number): { readonly state: State; readonly result: Verdict };
}

/**
 * Counts with a meter whose state is one entry: read, decided, and written on the condition that nobody else wrote
 * meanwhile. Two requests, and one when all that were decided are refused. What a process asks of one key meanwhile
 * is decided together, by one more such write.
 */
export function meteredEntry<State>(
  { kv, atomic }: RecipeBinding,
  meter: Meter<State>,
  surroundings: RecipeSurroundings,
): Counting {
  const { nowMs } = surroundings;
  const waiting = new Map<string, Batches<number, Verdict>>();

  /** Decides one check after the other. `put` is there when one of them was allowed. */
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

/** What is left when nothing is taken: 0 is a cost like any other to a meter. */
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
    // Not JSON: no state either.
  }
  if (state !== undefined) return state;
  throw new KvError("value_invalid", `${JSON.stringify(key)} holds something else than a limiter's state.`, {
    hint: "Give the limiter a prefix that nothing else uses.",
  });
}
