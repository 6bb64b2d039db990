import { Random } from "../../harness/random.js";

/**
 * One write. The steps of a lane follow from the seed alone, so that the judge knows what was attempted
 * although the writer is dead.
 */
export type Step =
  | {
      readonly type: "put";
      readonly key: string;
      readonly byteLength: number;
      readonly metadata: boolean;
      readonly expiration: number | null;
    }
  /** Like `put`, with the value as a stream. */
  | { readonly type: "stream"; readonly key: string; readonly byteLength: number }
  /**
   * Like `put`, on the condition that the key is unchanged. Only the lane writes the key, so the condition
   * must hold.
   */
  | { readonly type: "replace"; readonly key: string; readonly byteLength: number }
  | { readonly type: "delete"; readonly key: string }
  | { readonly type: "touch"; readonly key: string; readonly expiration: number }
  /** Writes one value to all keys of the lane's group, or deletes all of them: all or nothing. */
  | { readonly type: "group"; readonly remove: boolean }
  /** Adds to a counter that all lanes share. */
  | { readonly type: "increment"; readonly by: number }
  /** Moves an amount from one shared balance to the other, so that their sum is always 0. */
  | { readonly type: "transfer"; readonly amount: number }
  /** Writes a key that all lanes write. */
  | { readonly type: "hot"; readonly key: string; readonly byteLength: number };

export const COUNTER = "shared:counter";
export const BALANCES = ["shared:balance:a", "shared:balance:b"] as const;
export const HOT_KEYS = ["shared:hot:0", "shared:hot:1"] as const;

export const ownKeys = (lane: number) => Array.from({ length: 4 }, (_, index) => `lane:${lane}:own:${index}`);
export const groupKeys = (lane: number) =>
  Array.from({ length: 3 }, (_, index) => `lane:${lane}:group:${index}`);

/** In 2033, so that nothing expires during a run and the time still fits in 32 bits. */
const EXPIRATION_SECONDS = 2_000_000_000;

/**
 * How often each kind of step is drawn, and the sizes of values: inline, stored in one part, and in several
 * parts.
 */
const KINDS = [
  ...repeat("put" as const, 8),
  ...repeat("stream" as const, 1),
  ...repeat("replace" as const, 2),
  ...repeat("delete" as const, 2),
  ...repeat("touch" as const, 1),
  ...repeat("group" as const, 3),
  ...repeat("increment" as const, 4),
  ...repeat("transfer" as const, 2),
  ...repeat("hot" as const, 3),
];
const SIZES = [
  ...repeat([16, 1024] as const, 12),
  ...repeat([1025, 200_000] as const, 6),
  ...repeat([1_048_577, 2_000_000] as const, 1),
];

/** The steps of a lane, without end. */
export function* plan(seed: string, lane: number): Generator<Step, never> {
  const random = new Random(`${seed} plan ${lane}`);
  const size = () => {
    const [least, most] = random.pick(SIZES);
    return random.between(least, most);
  };
  for (;;) {
    const type = random.pick(KINDS);
    const key = random.pick(ownKeys(lane));
    switch (type) {
      case "put":
        yield {
          type,
          key,
          byteLength: size(),
          metadata: random.between(0, 1) === 1,
          expiration: random.between(0, 3) === 0 ? EXPIRATION_SECONDS + random.between(0, 1000) : null,
        };
        break;
      case "stream":
      case "replace":
        yield { type, key, byteLength: size() };
        break;
      case "delete":
        yield { type, key };
        break;
      case "touch":
        yield { type, key, expiration: EXPIRATION_SECONDS + random.between(0, 1000) };
        break;
      case "group":
        yield { type, remove: random.between(0, 3) === 0 };
        break;
      case "increment":
        yield { type, by: random.between(1, 9) };
        break;
      case "transfer":
        yield { type, amount: random.between(1, 9) };
        break;
      case "hot":
        yield { type, key: random.pick(HOT_KEYS), byteLength: size() };
        break;
    }
  }
}

function repeat<T>(item: T, times: number): T[] {
  return Array.from({ length: times }, () => item);
}
