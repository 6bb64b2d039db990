import type { MaybePromise } from "@kvasir/client/namespace";
import { monotonicMs } from "../../store/timers.js";

export interface RecentOptions<Value> {
  /** Looks a value up in the cluster. */
  find(name: string): Promise<Value>;
  /** Whether a value may be used again. @default all may */
  keeps?(value: Value): boolean;
  /** Up to this age a value is used without a look at the cluster, in milliseconds. */
  readonly freshMs: number;
  /** Up to this age it is used while a look is under way, in milliseconds. */
  readonly staleMs: number;
  readonly valuesMax: number;
  /** A clock that never goes back, in milliseconds. @default the system's */
  nowMs?(): number;
}

/**
 * What was looked up a moment ago, for values that many operations need. A value is as old as the moment at which its
 * lookup began: what the lookup itself took counts.
 */
export class Recent<Value> {
  readonly #options: RecentOptions<Value>;
  readonly #nowMs: () => number;
  readonly #values = new Map<string, { readonly value: Value; readonly atMs: number }>();
  readonly #lookups = new Map<string, Promise<Value>>();

  constructor(options: RecentOptions<Value>) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? monotonicMs;
  }

  get(name: string): MaybePromise<Value> {
    const known = this.#values.get(name);
    if (known === undefined) return this.#lookUp(name);
    const ageMs = this.#nowMs() - known.atMs;
    if (ageMs >= this.#options.staleMs) return this.#lookUp(name);
    // Callers that wait for the result of this lookup see its error.
    if (ageMs >= this.#options.freshMs) this.#lookUp(name).catch(() => {});
    return known.value;
  }

  /** What {@link get} would return without a look at the cluster, however old. */
  peek(name: string): Value | undefined {
    return this.#values.get(name)?.value;
  }

  /** Makes the next {@link get} look at the cluster: the value was changed. */
  forget(name: string): void {
    this.#values.delete(name);
    // A lookup that has begun may have read the value as it was.
    this.#lookups.delete(name);
  }

  #lookUp(name: string): Promise<Value> {
    const underWay = this.#lookups.get(name);
    if (underWay !== undefined) return underWay;
    const atMs = this.#nowMs();
    const lookup: Promise<Value> = this.#options.find(name).then(
      (value) => {
        if (this.#lookups.get(name) === lookup) {
          this.#lookups.delete(name);
          this.#remember(name, value, atMs);
        }
        return value;
      },
      (error: unknown) => {
        if (this.#lookups.get(name) === lookup) this.#lookups.delete(name);
        throw error;
      },
    );
    this.#lookups.set(name, lookup);
    return lookup;
  }

  #remember(name: string, value: Value, atMs: number): void {
    const { valuesMax, keeps } = this.#options;
    this.#values.delete(name);
    if (keeps?.(value) === false) return;
    if (this.#values.size >= valuesMax) this.#values.clear();
    this.#values.set(name, { value, atMs });
  }
}
