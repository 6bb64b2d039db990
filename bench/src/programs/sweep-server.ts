import { FakeClock, open } from "@kvasir/store";
import { startApiServer } from "../../../packages/kvasir/dist/api-server.js";
import { fill, TITLE } from "../fixtures/fill.js";
import { serveParent } from "../processes/serve-parent.js";

/**
 * The API over a data directory (first argument) with some entries that stay (second) and some more that expire when
 * they are told to: its clock moves only then.
 */
export type SweepQuestion = { readonly fill: number } | { readonly sweep: true };

const [directory = "", stayText = "0"] = process.argv.slice(2);
const stay = Number(stayText);
const TTL_MS = 60_000;

const clock = new FakeClock();
const database = open(directory, { clock });
// The engine's own method: what runs once a second, now.
const store = database.store as typeof database.store & { sweep(): Promise<number> };
await fill(database, { count: stay });
const { id } = (await store.findNamespace(TITLE)) ?? { id: "" };
const server = await startApiServer({ database, host: "127.0.0.1", port: 0, auth: { mode: "none" } });

serveParent<SweepQuestion>({ url: server.url, namespace: id }, async (question) => {
  if ("fill" in question) {
    return fill(database, { count: question.fill, from: stay, expirationMs: clock.nowMs() + TTL_MS });
  }
  clock.advance(TTL_MS + 1);
  const startedMs = performance.now();
  const entries = await store.sweep();
  return { entries, ms: performance.now() - startedMs };
});
