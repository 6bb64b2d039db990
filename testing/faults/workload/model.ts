import { groupKeys, type Step } from "./plan.js";

/** What the plan says is stored under a key. */
export interface Expected {
  /** The step that wrote the value. */
  readonly step: number;
  readonly byteLength: number;
  readonly metadata: boolean;
  readonly expiration: number | null;
}

/** What the keys hold that only one lane writes, in the simplest possible model. */
export class LaneModel {
  readonly entries = new Map<string, Expected>();
  readonly #lane: number;

  constructor(lane: number) {
    this.#lane = lane;
  }

  copy(): LaneModel {
    const copy = new LaneModel(this.#lane);
    for (const [key, expected] of this.entries) copy.entries.set(key, expected);
    return copy;
  }

  apply(next: Step, step: number): void {
    switch (next.type) {
      case "put":
        this.#put(next.key, { ...next, step });
        break;
      case "stream":
      case "replace":
        this.#put(next.key, { step, byteLength: next.byteLength, metadata: false, expiration: null });
        break;
      case "delete":
        this.entries.delete(next.key);
        break;
      case "touch": {
        const entry = this.entries.get(next.key);
        if (entry !== undefined) this.#put(next.key, { ...entry, expiration: next.expiration });
        break;
      }
      case "group":
        for (const key of groupKeys(this.#lane)) {
          if (next.remove) this.entries.delete(key);
          else this.#put(key, { step, byteLength: 100, metadata: false, expiration: null });
        }
        break;
      case "increment":
      case "transfer":
      case "hot":
        break;
    }
  }

  #put(key: string, { step, byteLength, metadata, expiration }: Expected): void {
    this.entries.set(key, { step, byteLength, metadata, expiration });
  }
}
