import { Command, Option } from "commander";
import { printJson, printLine } from "../../../terminal/output.js";
import { withData } from "../../data/open-data.js";
import { type DataOptions, withDataOptions, withExamples } from "../../options/options.js";
import { namingNamespace } from "../namespace-failures.js";

interface CreateOptions extends DataOptions {
  readonly preview?: boolean;
  readonly binding?: string;
}

export function createCommand(): Command {
  const command = new Command("create")
    .description("Create a namespace, and print what to add to the config.")
    .argument("<namespace>", "its title; --env puts the environment's name before it")
    .option("--preview", "a namespace for previews: `_preview` is added to the title")
    .addOption(new Option("--no-preview").hideHelp().default(undefined))
    .option("--binding <name>", "the binding to show in the config (default: made from the title)")
    .action(create);
  return withExamples(withDataOptions(command), [
    "kvasir kv namespace create sessions",
    "kvasir kv namespace create sessions --url http://127.0.0.1:8788",
  ]);
}

async function create(namespace: string, options: CreateOptions): Promise<void> {
  const title = `${options.env === undefined ? "" : `${options.env}-`}${namespace}${options.preview ? "_preview" : ""}`;
  const created = await withData(options, "writes", ({ admin }) =>
    namingNamespace({ title }, () => admin.namespaces.create(title)),
  );
  if (options.json) return await printJson(created);
  const binding = options.binding ?? bindingOf(namespace);
  const entry = { binding, [options.preview ? "preview_id" : "id"]: created.id };
  await printLine(`Created the namespace "${created.title}". Add it to your wrangler.jsonc:`);
  await printLine(JSON.stringify({ kv_namespaces: [entry] }, null, 2));
}

/** A binding name that is valid in JavaScript and TOML, made as wrangler makes it. */
function bindingOf(title: string): string {
  const name = title.replaceAll(/\W/g, "_");
  return /^[A-Za-z_]\w*$/.test(name) ? name : `KV_${name}`;
}
