import type { Admin, TokenScope } from "@kvasir/client/namespace";
import { Command, Option } from "commander";
import { SCOPES } from "../../api/auth/scope.js";
import { noteLine, printJson, printLine } from "../../terminal/output.js";
import { possibleIds } from "../../wire/namespace-id-forms.js";
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
  const { token, record, missing } = await withData(options, "writes", async ({ admin }) => ({
    ...(await admin.tokens.create({ scope, name, namespaces, expiresMs })),
    missing: await missingNamespaces(admin, namespaces ?? []),
  }));
  if (options.json) await printJson({ token, ...record });
  else {
    await noteLine(`Token ${record.id} (${scope}). It is not shown again:`);
    await printLine(token);
  }
  for (const id of missing) {
    await noteLine(
      `There is no namespace ${id} yet. The token will see it once it exists; \`kvasir kv namespace list\` shows the ids.`,
    );
  }
}

/** A namespace may be created after the token, but a wrong id is more likely. */
async function missingNamespaces(
  admin: Pick<Admin, "namespaces">,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const known = new Set((await admin.namespaces.list()).map(({ id }) => id));
  return ids.filter((id) => !possibleIds(id).some((possible) => known.has(possible)));
}
