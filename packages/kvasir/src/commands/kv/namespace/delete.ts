import { Command } from "commander";
import { Failure } from "../../../failure/failure.js";
import { confirm } from "../../../terminal/confirm.js";
import { noteLine, printJson, printLine } from "../../../terminal/output.js";
import { withData } from "../../data/open-data.js";
import { chooseNamespace } from "../../options/namespace-choice.js";
import { type NamespaceOptions, withExamples, withNamespaceOptions } from "../../options/options.js";
import { namingNamespace } from "../namespace-failures.js";
import { findByTitle } from "./find-by-title.js";

interface DeleteOptions extends NamespaceOptions {
  readonly skipConfirmation?: boolean;
}

export function createCommand(): Command {
  const command = new Command("delete")
    .description(
      "Delete a namespace and all that is in it. This cannot be undone.\n" +
        "Asks first; where nobody can answer (no terminal, CI) it goes ahead, as wrangler does.",
    )
    .argument("[namespace]", "its title, unless --binding or --namespace-id is given")
    .option("-y, --skip-confirmation", "do not ask")
    .action(deleteNamespace);
  return withExamples(withNamespaceOptions(command, "delete"), [
    "kvasir kv namespace delete sessions",
    "kvasir kv namespace delete --namespace-id 0f2ac74b498b48028cb68387c421e279 --skip-confirmation",
  ]);
}

async function deleteNamespace(title: string | undefined, options: DeleteOptions): Promise<void> {
  const chosen = [title, options.binding, options.namespaceId].filter((choice) => choice !== undefined);
  if (chosen.length !== 1) {
    throw new Failure("Say which namespace in exactly one way.", {
      hint: "Give its title, --binding or --namespace-id.",
    });
  }
  await withData(options, "reads", async ({ admin, place }) => {
    const { id, shown } =
      title === undefined ? await chooseNamespace(options) : await findByTitle(admin, title);
    const json = options.json === true;
    const question = `Delete KV namespace ${shown} in ${place}, with all that is in it?`;
    if (!(options.skipConfirmation || (await confirm(question, { json }))))
      return await noteLine("Not deleting.");
    await namingNamespace({ id }, () => admin.namespaces.delete(id));
    if (json) await printJson({ ok: true, id });
    else await printLine(`Deleted KV namespace ${shown}.`);
  });
}
