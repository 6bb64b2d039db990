import { readFileSync } from "node:fs";
import { join } from "node:path";
import { queryNameOf } from "@kvasir/client/http";
import { DELETE_PREFIX_OPTIONS, LIST_OPTIONS, TOUCH_OPTIONS } from "@kvasir/client/namespace";
import { expect, test } from "vitest";
import * as eventLimits from "../../../packages/kvasir/src/events/limits.js";
import * as functionLimits from "../../../packages/kvasir/src/functions/limits.js";
import * as resourceLimits from "../../../packages/kvasir/src/functions/resources/limits.js";
import * as httpLimits from "../../../packages/kvasir/src/http/limits.js";
import * as measureLimits from "../../../packages/kvasir/src/measures/limits.js";
import * as serverLimits from "../../../packages/kvasir/src/server/limits.js";
import { ROOT } from "../../harness/checkout.js";
import { kvasirOk } from "../../harness/command.js";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

test("docs/reference/limits.md states the limits that hold", async () => {
  const limits: Record<string, unknown> = {
    ...(await import("@kvasir/store")),
    ...(await import("@kvasir/client")),
    ...httpLimits,
    ...serverLimits,
    ...functionLimits,
    ...resourceLimits,
    ...eventLimits,
    ...measureLimits,
  };
  const rows = [...read("docs/reference/limits.md").matchAll(/^\|[^|]+\| ([\d,]+) \|[^|]*\| `(\w+)` \|$/gm)];
  expect(rows.length).toBeGreaterThan(15);
  for (const [, stated = "", name = ""] of rows) {
    expect({ name, limit: limits[name] }).toEqual({ name, limit: Number(stated.replaceAll(",", "")) });
  }
});

test("docs/reference/api.md names the query parameter of every option", () => {
  const text = read("docs/reference/api.md");
  const options = Object.keys({ ...LIST_OPTIONS, ...TOUCH_OPTIONS, ...DELETE_PREFIX_OPTIONS });
  const missing = options.map(queryNameOf).filter((name) => !new RegExp(`[?&\`]${name}=`).test(text));
  expect(missing).toEqual([]);
});

test("docs/reference/errors.md states every code with its status", () => {
  const documented = [...read("docs/reference/errors.md").matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)];
  const defined = [...read("packages/client/src/namespace/errors.ts").matchAll(/^ {2}(\w+): (\d{3}),$/gm)];
  const pairs = (found: RegExpMatchArray[]) => found.map(([, code, status]) => `${code} ${status}`).sort();
  expect(pairs(documented)).toEqual(pairs(defined));
});

test("docs/reference/commands.md names every command and every flag", async () => {
  const text = read("docs/reference/commands.md");
  const commands = [...text.matchAll(/^\| `kvasir ([a-z]+(?: [a-z]+)*)/gm)].map(
    ([, command = ""]) => command,
  );
  expect(commands).toEqual(await leafCommands([]));
  for (const command of commands) {
    const help = await kvasirOk([...command.split(" "), "--help"]);
    const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag = ""]) => flag);
    const missing = flags.filter((flag) => flag !== "--help" && !text.includes(`${flag}\``));
    expect({ command, missing }).toEqual({ command, missing: [] });
  }
});

/** All commands that `--help` leads to, in its order. */
async function leafCommands(path: readonly string[]): Promise<string[]> {
  const help = await kvasirOk([...path, "--help"]);
  const [, listed = ""] = /^Commands:\n((?: .*\n)+)/m.exec(help) ?? [];
  const names = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = ""]) => name);
  const children = names.filter((name) => name !== "help");
  if (children.length === 0) return [path.join(" ")];
  const leaves = [];
  for (const name of children) leaves.push(...(await leafCommands([...path, name])));
  return leaves;
}
