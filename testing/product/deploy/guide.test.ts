import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { kvasirOk } from "../../harness/command.js";

const guide = readFileSync(join(ROOT, "docs/guides/deploying.md"), "utf8");

test("the guide to deploying names every file of deploy/, and no other", () => {
  const named = [...guide.matchAll(/`deploy\/([\w.-]+)\/?`/g)].map(([, file = ""]) => file);
  expect([...new Set(named)].sort()).toEqual(readdirSync(join(ROOT, "deploy")).sort());
});

test("its links lead to pages and headings that exist", () => {
  for (const [, page = "", heading] of guide.matchAll(/\]\(([\w./-]*)(?:#([\w-]+))?\)/g)) {
    const file = join(ROOT, "docs/guides", page === "" ? "deploying.md" : page);
    expect({ page, exists: existsSync(file) }).toEqual({ page, exists: true });
    if (heading === undefined) continue;
    const headings = [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) =>
      text
        .toLowerCase()
        .replace(/[^\w\s-]/g, "")
        .replace(/\s/g, "-"),
    );
    expect(headings).toContain(heading);
  }
});

test("its flags of serve and token create exist", async () => {
  const help = (await kvasirOk(["serve", "--help"])) + (await kvasirOk(["token", "create", "--help"]));
  for (const flag of [
    "--trust-proxy",
    "--log-requests",
    "--workers",
    "--memory",
    "--json",
    "--scope",
    "--name",
  ]) {
    expect(guide).toContain(flag);
    expect(help).toContain(flag);
  }
});
