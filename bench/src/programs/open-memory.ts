import { open } from "@kvasir/store";
import { TITLE } from "../fixtures/fill.js";
import { serveParent } from "../processes/serve-parent.js";

/** The cost of one store for a test, in milliseconds. */
export interface OpenTimes {
  readonly openMs: number;
  /** From nothing to a store that was opened, written, read and closed. */
  readonly wholeMs: number;
}

const OPENS = 100;

const times: OpenTimes[] = [];
for (let index = 0; index < OPENS; index++) times.push(await openOnce());
serveParent(times);

async function openOnce(): Promise<OpenTimes> {
  const startedMs = performance.now();
  const database = open(":memory:");
  const openMs = performance.now() - startedMs;
  const kv = database.namespace(TITLE);
  await kv.put("key", "value");
  if ((await kv.get("key")) !== "value") throw new Error("What was put is not there.");
  await database.close();
  return { openMs, wholeMs: performance.now() - startedMs };
}
