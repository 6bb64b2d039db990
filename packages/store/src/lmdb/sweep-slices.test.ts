import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { encodeEntry } from "./entry-codec.js";
import { openEnvironment } from "./environment.js";
import { entryKey, expiryKey } from "./keys.js";
import { Sweeper } from "./sweeper.js";
import { nextTurn } from "./turns.js";

const ENTRIES = 20_000;
const NAMESPACE = 1;
const EXPIRATION_MS = 1000;
const VALUE = Buffer.from("value");

// A quarter of a millisecond passes between two looks at the time, however busy the machine is.
beforeEach(() => {
  let nowMs = 0;
  const now = vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 0.25));
  return () => now.mockRestore();
});

/** How many transactions it takes to sweep everything. */
async function slices({ reading }: { readonly reading: boolean }): Promise<number> {
  const environment = openEnvironment(":memory:", { durability: "strict" });
  onTestFinished(() => environment.letGo());
  const { committer, snapshots, tables } = environment;
  const entry = { version: 1, expirationMs: EXPIRATION_MS, modifiedMs: 0, metadata: null, contentType: null };
  await committer.submit(() => {
    for (let index = 0; index < ENTRIES; index++) {
      tables.entries.putSync(entryKey(NAMESPACE, `key ${index}`), encodeEntry({ ...entry, value: VALUE }));
      tables.expiry.putSync(expiryKey(EXPIRATION_MS, NAMESPACE, `key ${index}`), Buffer.alloc(0));
    }
  });
  let commits = 0;
  environment.onCommit(() => commits++);
  let done = false;
  const swept = new Sweeper(environment, () => EXPIRATION_MS + 1).sweep().finally(() => {
    done = true;
  });
  while (reading && !done) {
    snapshots.renew();
    await nextTurn();
  }
  expect(await swept).toBe(ENTRIES);
  return commits;
}

test("whoever reads while it sweeps waits for small slices, and nobody makes it slow for nothing", async () => {
  const alone = await slices({ reading: false });
  expect(await slices({ reading: true })).toBeGreaterThan(2 * alone);
});
