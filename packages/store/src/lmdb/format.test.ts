import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openEnvironment } from "./environment.js";
import { openLmdbStore } from "./lmdb-store.js";
import { writeMeta } from "./meta.js";

test("a directory of format 1 gets its index of titles when it is opened", async () => {
  const directory = mkdtempSync(join(tmpdir(), "kvasir-format-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const before = openLmdbStore(directory);
  await before.createNamespace({ id: "a", title: "Titled" });
  const environment = openEnvironment(directory, { durability: "strict" });
  await environment.committer.submit(({ tables }) => {
    tables.titles.clearSync();
    writeMeta(tables.meta, "format", 1);
  });
  expect(before.check()).toEqual(['Namespace a is not found by its title "Titled".']);
  await environment.letGo();
  await before.close();

  const after = openLmdbStore(directory);
  expect(after.findNamespace("Titled")).toMatchObject({ id: "a" });
  await expect(after.createNamespace({ id: "b", title: "Titled" })).rejects.toMatchObject({
    code: "namespace_exists",
  });
  expect(after.check()).toEqual([]);
  await after.close();
});
