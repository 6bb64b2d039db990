import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { openLmdbStore } from "./lmdb-store.js";

it.skipIf(process.platform === "win32")(
  "a store in memory has no file that a killed process could leave",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "kvasir-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    vi.stubEnv("TMPDIR", folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    const store = openLmdbStore(":memory:");
    await store.namespaces.create({ id: "a", title: "A" });
    expect(readdirSync(folder)).toEqual([]);
    await store.close();
  },
);
