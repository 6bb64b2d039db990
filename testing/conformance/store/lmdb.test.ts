import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@kvasir/store";
import { afterAll } from "vitest";
import { openLmdbStore } from "../../../packages/store/src/engines/lmdb/lmdb-store.js";
import type { OpenedStore, StoreUnderTest } from "./store-case.js";
import { describeStore } from "./store-suite.js";

const root = mkdtempSync(join(tmpdir(), "kvasir-store-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;

function inDirectory(durability: "strict" | "relaxed"): StoreUnderTest {
  const paths = new WeakMap<OpenedStore["store"], string>();
  const openAt = (path: string, clock: FakeClock): OpenedStore => {
    const store = openLmdbStore(path, { clock, durability });
    paths.set(store, path);
    return { store, clock };
  };
  return {
    supports: { atomicAcrossKeys: true, durable: true, multiProcess: true, strong: true },
    open: async () => openAt(join(root, `data${count++}`), new FakeClock()),
    reopen: async ({ store, clock }) => {
      await store.close();
      return openAt(paths.get(store) ?? "", clock);
    },
    openAgain: async ({ store, clock }) => openAt(paths.get(store) ?? "", clock),
  };
}

describeStore("LMDB in a directory", inDirectory("strict"));
describeStore("LMDB with relaxed durability", inDirectory("relaxed"));

describeStore("LMDB in memory", {
  supports: { atomicAcrossKeys: true, durable: false, multiProcess: false, strong: true },
  open: async () => {
    const clock = new FakeClock();
    return { store: openLmdbStore(":memory:", { clock }), clock };
  },
});
