import { BULK_GET_KEYS, BULK_PUT_KEYS, HOT_KEYS, LIST_KEYS } from "../../core/limits.js";
import { serveParent } from "../../core/serve-parent.js";
import { keyName, randomIndexes, smallValue } from "../../load/keys.js";
import type { Engine, EngineName, EngineOptions } from "../engines/engine.js";

/**
 * Measures one operation of the engine in its first argument. The second argument says what to open, as JSON.
 */
export interface EmbeddedOptions extends EngineOptions {
  /** The number of keys in it. */
  readonly count: number;
  /** Whether the keys must be written first. */
  readonly isEmpty: boolean;
}

export interface EmbeddedQuestion {
  readonly operation: EmbeddedOperation;
  /** The number of concurrent calls. */
  readonly callers: number;
  readonly ms: number;
}

export type EmbeddedOperation =
  | "get"
  | "getHot"
  | "getTogether"
  | "put"
  | "putTogether"
  | "increment"
  | "list";

interface EngineModule {
  openEngine(options: EngineOptions): Promise<Engine>;
}

/** Loads only the engine that is measured. */
const MODULES: Readonly<Record<EngineName, () => Promise<EngineModule>>> = {
  kvasir: () => import("../engines/kvasir.js"),
  lmdb: () => import("../engines/lmdb.js"),
  "deno-kv": () => import("../engines/deno-kv.js"),
  redis: () => import("../engines/redis.js"),
  unstorage: () => import("../engines/unstorage.js"),
};

const [name, optionsJson = "{}"] = process.argv.slice(2);
const options = JSON.parse(optionsJson) as EmbeddedOptions;
const { openEngine } = await MODULES[name as EngineName]();
const engine = await openEngine(options);
if (options.isEmpty) await engine.fill(options.count);

const value = smallValue(0);
const random = randomIndexes(options.count);
/** The same keys for every engine, in groups, prepared before the measurement. */
const groupsOf = (length: number) =>
  Array.from({ length: Math.floor(random.length / length) }, (_, group) =>
    Array.from(random.subarray(group * length, (group + 1) * length), keyName),
  );
const readGroups = groupsOf(BULK_GET_KEYS);
/**
 * A few keys spread over the namespace. They stay in the processor's cache, however many others there are.
 */
const hotGroups = Array.from({ length: HOT_KEYS / BULK_GET_KEYS }, (_, group) =>
  Array.from(randomIndexes(HOT_KEYS, BULK_GET_KEYS), (hot) =>
    keyName(Math.floor((((hot + group * BULK_GET_KEYS) % HOT_KEYS) * options.count) / HOT_KEYS)),
  ),
);
const writeGroups = groupsOf(BULK_PUT_KEYS);
/** Keys that a whole page follows. */
const starts = Array.from(randomIndexes(Math.max(1, options.count - LIST_KEYS), 1 << 12), keyName);

/** Each carries out some of its operation and resolves with the number of operations. */
const OPERATIONS: Readonly<Record<EmbeddedOperation, (turn: number) => Promise<number>>> = {
  async get(turn) {
    const keys = inTurn(readGroups, turn);
    await engine.getEach(keys);
    return keys.length;
  },
  async getHot(turn) {
    const keys = inTurn(hotGroups, turn);
    await engine.getEach(keys);
    return keys.length;
  },
  async getTogether(turn) {
    await engine.getTogether(inTurn(readGroups, turn));
    return 1;
  },
  async put(turn) {
    await engine.put(keyName(random[turn % random.length] ?? 0), value);
    return 1;
  },
  async putTogether(turn) {
    await engine.putTogether?.(inTurn(writeGroups, turn), value);
    return 1;
  },
  async increment(turn) {
    await engine.increment?.(`counter:${turn % 100}`);
    return 1;
  },
  async list(turn) {
    const length = await engine.listPage?.(inTurn(starts, turn), LIST_KEYS);
    if (length !== LIST_KEYS) throw new Error(`A page has ${length} keys.`);
    return 1;
  },
};

let turns = 0;
serveParent<EmbeddedQuestion>(
  "ready",
  async ({ operation, callers, ms }) => {
    const run = OPERATIONS[operation];
    const startedMs = performance.now();
    const endMs = startedMs + ms;
    let done = 0;
    const call = async () => {
      while (performance.now() < endMs) {
        const more = await run(turns++);
        // Not `done += await`, which adds to the value of `done` before the wait and loses what other callers
        // added.
        done += more;
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
    return (done / (performance.now() - startedMs)) * 1000;
  },
  async () => void (await engine.close()),
);

function inTurn<Item>(items: readonly Item[], turn: number): Item {
  return items[turn % items.length] as Item;
}
