/**
 * A checker of histories of one register that is read and changed by compare-and-set, after Wing and Gong, in
 * Lowe's form: it goes through the history in time and keeps all states in which the register may be.
 *
 * @see http://www.cs.ox.ac.uk/people/gavin.lowe/LinearizabiltyTesting/
 */

/** The value of a register. `null`: there is none. No two writes write the same value. */
export type Value = string | null;

export type RegisterOperation = {
  readonly beganUs: number;
  /** Infinite when nobody knows whether it was carried out, or when. */
  readonly endedUs: number;
} & (
  | { readonly is: "read"; readonly value: Value }
  /** `won`: whether it was carried out; `null` when that is not known. */
  | { readonly is: "swap"; readonly from: Value; readonly to: Value; readonly won: boolean | null }
);

/** States that are kept at a time. A history that needs more has too many unknown outcomes. */
const STATES_MAX = 100_000;

/** The register holds `value`, and these of the operations under way have been carried out. */
interface State {
  readonly value: Value;
  readonly done: ReadonlySet<number>;
}

/**
 * Returns `null` if there is an order of the operations that explains all results and keeps operations apart
 * that did not overlap; otherwise the first operation that no order explains.
 *
 * @throws RangeError when the history is too large to be checked
 */
export function firstInexplicable(history: readonly RegisterOperation[]): RegisterOperation | null {
  const begun = new Set<number>();
  let states = new Map<string, State>([[nameOf(INITIAL), INITIAL]]);
  for (const { at, isEnd } of momentsOf(history)) {
    if (!isEnd) {
      begun.add(at);
      continue;
    }
    states = statesAfter(history, states, begun, at);
    begun.delete(at);
    if (states.size === 0) return history[at] ?? null;
    if (states.size > STATES_MAX) throw new RangeError("The history has too many unknown outcomes.");
  }
  return null;
}

const INITIAL: State = { value: null, done: new Set() };

function momentsOf(history: readonly RegisterOperation[]) {
  const moments = history.flatMap(({ beganUs, endedUs }, at) => [
    { at, atUs: beganUs, isEnd: false },
    ...(Number.isFinite(endedUs) ? [{ at, atUs: endedUs, isEnd: true }] : []),
  ]);
  // At the same moment, beginnings first: the operations overlap.
  return moments.sort((a, b) => a.atUs - b.atUs || Number(a.isEnd) - Number(b.isEnd));
}

/** All states in which operation `ending` has been carried out, from any of `states`. */
function statesAfter(
  history: readonly RegisterOperation[],
  states: ReadonlyMap<string, State>,
  begun: ReadonlySet<number>,
  ending: number,
): Map<string, State> {
  const after = new Map<string, State>();
  const seen = new Set(states.keys());
  const open = [...states.values()];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (state.done.has(ending)) {
      const done = new Set(state.done);
      done.delete(ending);
      const settled = { value: state.value, done };
      after.set(nameOf(settled), settled);
      continue;
    }
    for (const at of begun) {
      const value = state.done.has(at) ? undefined : carriedOut(history[at], state.value);
      if (value === undefined) continue;
      const next = { value, done: new Set(state.done).add(at) };
      const name = nameOf(next);
      if (seen.has(name)) continue;
      seen.add(name);
      open.push(next);
    }
  }
  return after;
}

/** The value after an operation; `undefined` if its result contradicts the value before. */
function carriedOut(operation: RegisterOperation | undefined, value: Value): Value | undefined {
  if (operation === undefined) return undefined;
  if (operation.is === "read") return operation.value === value ? value : undefined;
  const holds = operation.from === value;
  if (operation.won === false) return holds ? undefined : value;
  return holds ? operation.to : undefined;
}

function nameOf({ value, done }: State): string {
  return `${[...done].sort((a, b) => a - b).join()} ${value === null ? "-" : `=${value}`}`;
}
