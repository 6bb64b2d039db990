import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@kvasir/store";
import { afterAll } from "vitest";
import { openLmdbStore } from "../../packages/store/src/engines/lmdb/lmdb-store.js";
import type { OpenedStore } from "./store-case.js";
import { describeStore } from "./store-suite.js";

const root = mkdtempSync(join(tmpdir(), "kvasir-store-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const paths = new WeakMap<OpenedStore["store"], string>();
let count = 0;

function openAt(path: string, clock: FakeClock): OpenedStore {
  const store = openLmdbStore(path, { clock });
  paths.set(store, path);
  return { store, clock };
}

describeStore("LMDB in a directory", {
  open: async () => openAt(join(root, `data${count++}`), new FakeClock()),
  reopen: async ({ store, clock }) => {
    await store.close();
    return openAt(paths.get(store) ?? "", clock);
  },
  openAgain: async ({ store, clock }) => openAt(paths.get(store) ?? "", clock),
});

describeStore("LMDB in memory", {
  open: async () => {
    const clock = new FakeClock();
    return { store: openLmdbStore(":memory:", { clock }), clock };
  },
});

describeStore("LMDB with relaxed durability", {
  open: async () => {
    const clock = new FakeClock();
    const path = join(root, `relaxed${count++}`);
    return { store: openLmdbStore(path, { clock, durability: "relaxed" }), clock };
  },
});
