import { open } from "@kvasir/store";
import { startApiServer } from "../../../packages/kvasir/dist/api-server.js";
import { TITLE } from "../fixtures/fill.js";
import { keyName, smallValue } from "../fixtures/keys.js";
import { TOKEN } from "../processes/kvasir.js";
import { serveParent } from "../processes/serve-parent.js";

/**
 * The API over a data directory (first argument). On request, its own process writes durably for some
 * milliseconds.
 */
export interface WatchersQuestion {
  readonly writeMs: number;
  readonly callers: number;
}

const database = open(process.argv[2] ?? "");
const { id } = await database.catalog.create(TITLE);
const kv = database.namespaceById(id);
const auth = { mode: "tokens", adminToken: TOKEN } as const;
const server = await startApiServer({ database, host: "127.0.0.1", port: 0, auth });
let written = 0;

serveParent<WatchersQuestion>({ url: server.url, namespace: id }, async ({ writeMs, callers }) => {
  const before = written;
  const startedMs = performance.now();
  const write = async () => {
    while (performance.now() - startedMs < writeMs) {
      const index = written++;
      await kv.put(keyName(index % 10_000), smallValue(index));
    }
  };
  await Promise.all(Array.from({ length: callers }, write));
  return ((written - before) / (performance.now() - startedMs)) * 1000;
});
