import { Random } from "../../harness/random.js";

/** One operation of a program, or several that run at once. Values that JSON lacks have a form of their own. */
export type Operation =
  | { readonly method: string; readonly args: readonly unknown[] }
  | { readonly all: readonly Operation[] };

export type Program = readonly Operation[];

const OPERATIONS_MAX = 12;

const wrong = (kind: string) => ({ $: kind });

/** Few keys, so that operations meet, and keys that are hard. */
const KEYS = ["a", "b", "ab", "a/b", "é", "😀", "a b?#%", "10", "\uFEFFk", "\uE000", "__proto__", "a\u0000b"];
const WRONG_KEYS: readonly unknown[] = [
  "",
  ".",
  "..",
  "\uD800",
  "x\uDC00y",
  { $: "repeat", text: "k", times: 512 },
  { $: "repeat", text: "k", times: 513 },
  { $: "repeat", text: "é", times: 257 },
  null,
  1,
  true,
  {},
  wrong("undefined"),
  wrong("symbol"),
];
const TEXTS = [
  "",
  "v",
  "null",
  "12",
  '{"a":[1,null,"é"]}',
  "not json",
  "\uFEFFbom",
  '\uFEFF{"a":1}',
  "\uD800",
  "é😀",
];
const ODD_VALUES: readonly unknown[] = [
  null,
  1,
  true,
  {},
  [1, 2],
  { a: 1 },
  ...["undefined", "nan", "bigint", "symbol", "function", "date", "blob", "map"].map(wrong),
];
const TYPES: readonly unknown[] = ["text", "json", "arrayBuffer", "stream"];
const ODD_TYPES: readonly unknown[] = ["TEXT", "", "blob", null, 1, {}, wrong("undefined")];
const METADATA: readonly unknown[] = [
  null,
  {},
  { a: 1 },
  "text",
  0,
  false,
  [1, null],
  { deep: { é: "\uD800" } },
  { $: "repeat", text: "m", times: 1022 },
  { $: "repeat", text: "m", times: 1023 },
  { $: "repeat", text: "é", times: 511 },
  ...["undefined", "nan", "bigint", "symbol", "function", "date", "circular"].map(wrong),
];
const ODD_NUMBERS: readonly unknown[] = [
  0,
  -1,
  1.5,
  59,
  59.9,
  "60",
  "abc",
  "",
  null,
  true,
  [],
  {},
  2 ** 31,
  2 ** 31 - 1,
  2 ** 53,
  wrong("undefined"),
  wrong("nan"),
  wrong("infinity"),
  wrong("bigint"),
];

/** The same program for the same seed, but for the time from which expirations are counted. */
export function programOf(seed: string, nowSeconds: number): Program {
  const random = new Random(seed);
  const generator = new Generator(random, nowSeconds);
  return Array.from({ length: random.between(2, OPERATIONS_MAX) }, () => generator.operation());
}

class Generator {
  readonly #random: Random;
  readonly #nowSeconds: number;

  constructor(random: Random, nowSeconds: number) {
    this.#random = random;
    this.#nowSeconds = nowSeconds;
  }

  operation(): Operation {
    if (this.#random.chance(0.1)) {
      // Reads only: the order of concurrent writes is not defined.
      return { all: Array.from({ length: this.#random.between(2, 5) }, () => this.#read()) };
    }
    return this.#random.pick([
      () => this.#put(),
      () => this.#put(),
      () => this.#read(),
      () => this.#read(),
      () => this.#list(),
      () => ({ method: "delete", args: [this.#key()] }),
    ])();
  }

  #read(): Operation {
    const method = this.#random.pick(["get", "getWithMetadata"]);
    const key = this.#random.chance(0.3) ? this.#keys() : this.#key();
    return { method, args: [key, ...this.#optional(0.7, () => this.#readOptions())] };
  }

  #keys(): readonly unknown[] {
    const count = this.#random.chance(0.05) ? this.#random.pick([0, 100, 101]) : this.#random.between(1, 4);
    return Array.from({ length: count }, (_, at) => (count > 50 ? `k${at}` : this.#key()));
  }

  #readOptions(): unknown {
    const type = this.#random.chance(0.1) ? this.#random.pick(ODD_TYPES) : this.#random.pick(TYPES);
    if (this.#random.chance(0.5)) return type;
    return {
      ...(this.#random.chance(0.8) && { type }),
      ...(this.#random.chance(0.3) && { cacheTtl: this.#number([30, 60, 3600]) }),
    };
  }

  #put(): Operation {
    return {
      method: "put",
      args: [this.#key(), this.#value(), ...this.#optional(0.5, () => this.#putOptions())],
    };
  }

  #value(): unknown {
    const { pick, chance, between } = bound(this.#random);
    if (chance(0.1)) return pick(ODD_VALUES);
    if (chance(0.05)) return { $: "repeat", text: "v", times: pick([4096, 100_000]) };
    if (chance(0.15)) {
      const bytes = Array.from({ length: between(0, 6) }, () => between(0, 255));
      return { $: "bytes", bytes, view: pick(["ArrayBuffer", "Uint8Array", "Uint16Array", "DataView"]) };
    }
    if (chance(0.1)) return { $: "stream", chunks: Array.from({ length: between(0, 3) }, () => pick(TEXTS)) };
    return pick(TEXTS);
  }

  #putOptions(): unknown {
    if (this.#random.chance(0.05)) return this.#random.pick([null, 1, "text", [], wrong("undefined")]);
    const now = this.#nowSeconds;
    return {
      ...(this.#random.chance(0.3) && { expirationTtl: this.#number([60, 100, 3600]) }),
      ...(this.#random.chance(0.3) && {
        expiration: this.#number([now + 1000, now + 5000, now + 30, now - 10]),
      }),
      ...(this.#random.chance(0.5) && { metadata: this.#random.pick(METADATA) }),
    };
  }

  #list(): Operation {
    return { method: "list", args: this.#optional(0.85, () => this.#listOptions()) };
  }

  #listOptions(): unknown {
    const { pick, chance } = bound(this.#random);
    if (chance(0.05)) return pick([null, 1, "a", [], wrong("undefined")]);
    return {
      ...(chance(0.4) && {
        prefix: chance(0.8) ? pick(["", "a", "a/", "é", "\uD83D", "zz"]) : pick(WRONG_KEYS),
      }),
      ...(chance(0.5) && { limit: this.#number([1, 2, 10, 1000, 1001]) }),
      ...(chance(0.4) && { cursor: chance(0.8) ? wrong("cursor") : pick(["", "nonsense", null, 1]) }),
    };
  }

  #key(): unknown {
    return this.#random.chance(0.08) ? this.#random.pick(WRONG_KEYS) : this.#random.pick(KEYS);
  }

  #number(right: readonly number[]): unknown {
    return this.#random.chance(0.35) ? this.#random.pick(ODD_NUMBERS) : this.#random.pick(right);
  }

  #optional(probability: number, make: () => unknown): readonly unknown[] {
    return this.#random.chance(probability) ? [make()] : [];
  }
}

function bound(random: Random) {
  return {
    pick: <T>(items: readonly T[]) => random.pick(items),
    chance: (probability: number) => random.chance(probability),
    between: (least: number, most: number) => random.between(least, most),
  };
}
