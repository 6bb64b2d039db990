import { expect, onTestFinished, test } from "vitest";
import { encodeEntry } from "./entry-codec.js";
import { openEnvironment } from "./environment.js";
import { entryKey, expiryKey } from "./keys.js";
import { SWEEP_REST_BUSY_MS } from "./limits.js";
import { putRow } from "./rows.js";
import { Sweeper, type SweepPace } from "./sweeper.js";
import { rowsOf } from "./tables.js";
import { nextTurn, rest } from "./turns.js";

const ENTRIES = 20_000;
const NAMESPACE = 1;
const EXPIRATION_MS = 1000;
const VALUE = Buffer.from("value");

/** A clock that advances a quarter of a millisecond per call, however busy the machine is. */
function steadyTime(): () => number {
  let nowMs = 0;
  return () => (nowMs += 0.25);
}

/** A sweeper with everything to sweep. */
async function openSwept(rested: SweepPace["rest"] = rest) {
  const environment = openEnvironment(":memory:", { durability: "strict" });
  onTestFinished(() => environment.letGo());
  const { committer, snapshots, tables } = environment;
  const entry = { version: 1, expirationMs: EXPIRATION_MS, modifiedMs: 0, metadata: null, contentType: null };
  await committer.submit(() => {
    for (let index = 0; index < ENTRIES; index++) {
      tables.entries.putSync(
        entryKey(NAMESPACE, `key ${index}`),
        encodeEntry(NAMESPACE, `key ${index}`, { ...entry, value: VALUE }),
      );
      putRow(tables.expiry, expiryKey(EXPIRATION_MS, NAMESPACE, `key ${index}`), Buffer.alloc(0));
    }
  });
  let commits = 0;
  environment.onCommit(() => commits++);
  const sweeper = new Sweeper(environment, () => EXPIRATION_MS + 1, {
    monotonicMs: steadyTime(),
    rest: rested,
  });
  return { committer, sweeper, snapshots, tables, commits: () => commits };
}

/** How many transactions it takes to sweep everything. */
async function slices({ reading }: { readonly reading: boolean }): Promise<number> {
  const { sweeper, snapshots, commits } = await openSwept();
  let done = false;
  const swept = sweeper.sweep().finally(() => {
    done = true;
  });
  while (reading && !done) {
    snapshots.renew();
    await nextTurn();
  }
  expect(await swept).toBe(ENTRIES);
  return commits();
}

test("whoever reads while it sweeps waits for small slices, and nobody makes it slow for nothing", async () => {
  const alone = await slices({ reading: false });
  expect(await slices({ reading: true })).toBeGreaterThan(2 * alone);
});

test("it rests after each slice while somebody reads", async () => {
  const rests: { readonly ms: number; readonly end: () => void }[] = [];
  const { committer, sweeper, snapshots, tables, commits } = await openSwept(
    (ms) => new Promise((end) => rests.push({ ms, end })),
  );
  snapshots.renew();
  const swept = sweeper.sweep();
  while (commits() === 0) await nextTurn();
  const left = rowsOf(tables.expiry);
  expect(left).toBeGreaterThan(0);
  // While other writes happen, no further slice joins their transactions until the rest is over.
  for (let write = 0; write < 5; write++) {
    await nextTurn();
    await committer.submit(() => {});
  }
  expect(rowsOf(tables.expiry)).toBe(left);
  expect(rests).toMatchObject([{ ms: SWEEP_REST_BUSY_MS }]);
  rests[0]?.end();
  // There were no reads since.
  expect(await swept).toBe(ENTRIES);
});
