import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const readme = readFileSync(new URL("testing/faults/README.md", root), "utf8");
const named = [...readme.matchAll(/`((?:packages|testing)\/[^`\s]*\.ts)`/g)].map(([, path = ""]) => path);

test("the files that the table of faults names exist", () => {
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(fileURLToPath(new URL(path, root))))).toEqual([]);
});

test("every test of this folder is in the table of faults", () => {
  const files = readdirSync(new URL("testing/faults/", root)).filter((file) => file.endsWith(".test.ts"));
  const missing = files.filter(
    (file) => file !== "readme.test.ts" && !named.includes(`testing/faults/${file}`),
  );
  expect(missing).toEqual([]);
});
