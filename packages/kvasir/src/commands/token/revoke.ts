import { Command } from "commander";
import { Failure } from "../../failure/failure.js";
import { printJson, printLine } from "../../terminal/output.js";
import { withData } from "../data/open-data.js";
import { type DataOptions, withDataOptions, withExamples } from "../options/options.js";

export function createCommand(): Command {
  const command = new Command("revoke")
    .description("Make an API token invalid. A server that runs on this data directory refuses it at once.")
    .argument("<id>", "the token's id, as `kvasir token list` shows it")
    .action(revoke);
  return withExamples(withDataOptions(command), ["kvasir token revoke 5f0c8a4e7d2b4c6f9a1e3d5b7c9f0a2e"]);
}

async function revoke(id: string, options: DataOptions): Promise<void> {
  const revoked = await withData(options, "reads", ({ admin }) => admin.tokens.revoke(id));
  if (!revoked) {
    throw new Failure(`There is no token with the id "${id}".`, { hint: "See `kvasir token list`." });
  }
  if (options.json) await printJson({ ok: true, id });
  else await printLine(`Revoked the token ${id}.`);
}
