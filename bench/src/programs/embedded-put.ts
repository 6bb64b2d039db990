import { open as openStore } from "@kvasir/store";
import { open as openLmdb } from "lmdb";
import { TITLE } from "../fixtures/fill.js";
import { randomKeys, smallValue } from "../fixtures/keys.js";
import { serveRounds } from "../processes/serve-parent.js";

const [engine, directory = "", lanesText = "1"] = process.argv.slice(2);
const lanes = Number(lanesText);
/** Keys written in turn: new ones at first, then replaced. */
const keys = randomKeys(100_000);
const value = smallValue(0);

const put = engine === "lmdb" ? lmdbWriter() : kvasirWriter();
let next = 0;

serveRounds(async (ms) => {
  const startedMs = performance.now();
  const counts = await Promise.all(Array.from({ length: lanes }, () => lane(startedMs + ms)));
  const elapsedMs = performance.now() - startedMs;
  return (counts.reduce((sum, count) => sum + count, 0) / elapsedMs) * 1000;
});

/** One caller who writes, waits until it is on disk, and writes again. */
async function lane(endMs: number): Promise<number> {
  let count = 0;
  while (performance.now() < endMs) {
    await put(keys[next++ & (keys.length - 1)] as string);
    count++;
  }
  return count;
}

function kvasirWriter(): (key: string) => Promise<unknown> {
  const kv = openStore(directory).namespace(TITLE);
  return (key) => kv.put(key, value);
}

/** `put` resolves when the change is visible; `flushed` when what was visible then is on disk. */
function lmdbWriter(): (key: string) => Promise<unknown> {
  const database = openLmdb<Uint8Array, string>({ path: directory, encoding: "binary" });
  return async (key) => {
    await database.put(key, Buffer.from(value));
    await database.flushed;
  };
}
