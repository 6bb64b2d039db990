import type { TokenScope } from "@kvasir/client/namespace";
import { Command, Option } from "commander";
import { SCOPES } from "../../api/auth/scope.js";
import { noteLine, printJson, printLine } from "../../terminal/output.js";
import { withData } from "../data/open-data.js";
import { collect, type DataOptions, withDataOptions, withExamples } from "../options/options.js";
import { parseExpiry } from "./expiry.js";

interface CreateOptions extends DataOptions {
  readonly scope: TokenScope;
  readonly namespace?: readonly string[];
  readonly expires?: string;
  readonly name?: string;
}

export function createCommand(): Command {
  const command = new Command("create")
    .description(
      "Create an API token and print it, this one time: only its hash is kept.\n" +
        "A server that runs on this data directory accepts it at once.",
    )
    .addOption(
      new Option(
        "--scope <scope>",
        "read: get and list; write: also change keys; admin: also namespaces and tokens",
      )
        .choices(SCOPES)
        .default("write"),
    )
    .option(
      "--namespace <id>",
      "the namespace that it sees, by its id or UUID; repeat for more (default: all)",
      collect,
    )
    .option("--expires <when>", "30d, 12h, 45m, 2w, or a date such as 2027-01-31 (default: never)")
    .option("--name <text>", "what it is for, shown by `kvasir token list`")
    .action(create);
  return withExamples(withDataOptions(command), [
    "kvasir token create --scope admin --name laptop",
    "kvasir token create --scope read --namespace 0f2ac74b498b48028cb68387c421e279 --expires 30d",
    "export KVASIR_TOKEN=$(kvasir token create --scope write)",
  ]);
}

async function create(options: CreateOptions): Promise<void> {
  const { scope, name, namespace: namespaces } = options;
  const expiresMs = options.expires === undefined ? undefined : parseExpiry(options.expires, Date.now());
  const { token, record } = await withData(options, "writes", ({ admin }) =>
    admin.tokens.create({ scope, name, namespaces, expiresMs }),
  );
  if (options.json) return await printJson({ token, ...record });
  await noteLine(`Token ${record.id} (${scope}). It is not shown again:`);
  await printLine(token);
}
