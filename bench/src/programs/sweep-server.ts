import { open } from "@kvasir/store";
import { startApiServer } from "../../../packages/kvasir/dist/api-server.js";
import { fill } from "../fixtures/fill.js";
import { TOKEN } from "../processes/kvasir.js";
import { serveParent } from "../processes/serve-parent.js";

/**
 * The API over a data directory (first argument) with some entries that stay (second), and more entries that
 * expire when the parent advances the clock.
 */
export type SweepQuestion = { readonly fill: number } | { readonly sweep: true };

const [directory = "", stayText = "0"] = process.argv.slice(2);
const stay = Number(stayText);
const TTL_MS = 60_000;

let nowMs = Date.now();
const database = open(directory, { clock: { nowMs: () => nowMs } });
// The engine's own method. It does now what otherwise runs once a second.
const store = database.store as typeof database.store & { sweep(): Promise<number> };
const id = await fill(database, { count: stay });
const auth = { mode: "tokens", adminToken: TOKEN } as const;
const server = await startApiServer({ database, host: "127.0.0.1", port: 0, auth });

serveParent<SweepQuestion>({ url: server.url, namespace: id }, async (question) => {
  if ("fill" in question) {
    return fill(database, { count: question.fill, from: stay, expirationMs: nowMs + TTL_MS });
  }
  nowMs += TTL_MS + 1;
  const startedMs = performance.now();
  const entries = await store.sweep();
  return { entries, ms: performance.now() - startedMs };
});
