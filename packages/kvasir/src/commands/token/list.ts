import type { TokenRecord } from "@kvasir/client/namespace";
import { Command } from "commander";
import { noteLine, printJson, printLine } from "../../terminal/output.js";
import { withData } from "../data/open-data.js";
import { type DataOptions, withDataOptions, withExamples } from "../options/options.js";

export function createCommand(): Command {
  const command = new Command("list")
    .description(
      "List the API tokens: id, scope, namespaces, expiry and name. Tokens themselves are not kept.",
    )
    .action(list);
  return withExamples(withDataOptions(command), ["kvasir token list", "kvasir token list --json"]);
}

async function list(options: DataOptions): Promise<void> {
  const tokens = await withData(options, "reads", ({ admin }) => admin.tokens.list());
  if (options.json) return await printJson(tokens);
  if (tokens.length === 0) return await noteLine("There are no tokens. `kvasir token create` makes one.");
  const rows = [HEAD, ...tokens.map(rowOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    await printLine(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}

const HEAD = ["ID", "SCOPE", "NAMESPACES", "CREATED", "EXPIRES", "NAME"];

function rowOf({ id, scope, namespaces, createdMs, expiresMs, name }: TokenRecord): string[] {
  const expires = expiresMs === undefined ? "never" : expiresMs <= Date.now() ? "expired" : dateOf(expiresMs);
  return [id, scope, namespaces?.join(",") ?? "all", dateOf(createdMs), expires, name ?? ""];
}

function dateOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}
