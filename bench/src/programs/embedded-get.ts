import { open as openStore } from "@kvasir/store";
import { open as openLmdb } from "lmdb";
import { fill, TITLE } from "../fixtures/fill.js";
import { keyName, randomKeys, smallValue } from "../fixtures/keys.js";
import { serveRounds } from "../processes/serve-parent.js";

/** Keys read between two looks at the clock. */
const SLICE = 500;

const [engine, directory = "", countText = "0"] = process.argv.slice(2);
const count = Number(countText);
const keys = randomKeys(count);

serveRounds(engine === "lmdb" ? await lmdbReader() : await kvasirReader());

/** What a user of `@kvasir/store` writes: the key as a string in, the text out, through a promise. */
async function kvasirReader(): Promise<(ms: number) => Promise<number>> {
  const database = openStore(directory);
  await fill(database, { count });
  const kv = database.namespace(TITLE);
  let next = 0;
  return async (ms) => {
    const startedMs = performance.now();
    let elapsedMs = 0;
    let reads = 0;
    while (elapsedMs < ms) {
      for (let index = 0; index < SLICE; index++) {
        const value = await kv.get(keys[next++ & (keys.length - 1)] as string);
        if (value === null) throw new Error("A key is missing.");
      }
      reads += SLICE;
      elapsedMs = performance.now() - startedMs;
    }
    return (reads / elapsedMs) * 1000;
  };
}

/** The least that LMDB can be asked for from Node: the bytes of a key, synchronously. */
async function lmdbReader(): Promise<(ms: number) => Promise<number>> {
  const database = openLmdb<Uint8Array, string>({ path: directory, encoding: "binary" });
  await database.transaction(() => {
    for (let index = 0; index < count; index++) {
      void database.put(keyName(index), Buffer.from(smallValue(index)));
    }
  });
  let next = 0;
  return async (ms) => {
    const startedMs = performance.now();
    let elapsedMs = 0;
    let reads = 0;
    while (elapsedMs < ms) {
      for (let index = 0; index < SLICE; index++) {
        const value = database.getBinary(keys[next++ & (keys.length - 1)] as string);
        if (value === undefined) throw new Error("A key is missing.");
      }
      reads += SLICE;
      elapsedMs = performance.now() - startedMs;
    }
    return (reads / elapsedMs) * 1000;
  };
}
