import { Failure } from "../../failure/failure.js";
import { configFileOf } from "../../server/config-file.js";
import type { NamespaceOptions } from "./options.js";

export interface NamespaceChoice {
  readonly id: string;
  /** How messages name the namespace. */
  readonly shown: string;
  /** The title to create the namespace with, if a config names it. */
  readonly title?: string;
}

/** The namespace of `--binding` or `--namespace-id`. Exactly one of the two must be given, as in wrangler. */
export async function chooseNamespace(options: NamespaceOptions): Promise<NamespaceChoice> {
  const { binding, namespaceId: id } = options;
  if ((binding === undefined) === (id === undefined)) {
    throw new Failure("Say which namespace in exactly one way.", {
      hint: "Give --binding NAME (from the config) or --namespace-id ID (see `kvasir kv namespace list`).",
    });
  }
  if (id !== undefined) return { id, shown: `id: "${id}"` };
  return await fromConfig(binding ?? "", options);
}

async function fromConfig(binding: string, options: NamespaceOptions): Promise<NamespaceChoice> {
  const file = configFileOf(options);
  if (file === undefined) {
    throw new Failure("--binding needs a config, and there is none in this folder or above it.", {
      hint: "Give its path with --config, or the namespace with --namespace-id.",
    });
  }
  const { readWorkerConfig } = await import("../../functions/config/worker-config.js");
  const config = readWorkerConfig(file, { env: options.env });
  const entry = config.kvNamespaces.find((namespace) => namespace.binding === binding);
  if (entry === undefined) {
    const names = config.kvNamespaces.map((namespace) => namespace.binding).join(", ");
    throw new Failure(`${file} has no KV binding "${binding}".`, {
      hint: names === "" ? "Add it to kv_namespaces." : `It has ${names}.`,
    });
  }
  const chosen = chooseId(entry, options.preview);
  return { id: chosen, shown: `binding: "${binding}" (id: "${chosen}")`, title: `${config.name}-${binding}` };
}

function chooseId(
  entry: { readonly binding: string; readonly id: string; readonly previewId?: string | undefined },
  preview: boolean | undefined,
): string {
  if (preview === false) return entry.id;
  if (preview === true) {
    if (entry.previewId !== undefined) return entry.previewId;
    throw new Failure(`The binding "${entry.binding}" has no preview_id.`, {
      hint: "Add one to the config, or leave out --preview.",
    });
  }
  if (entry.previewId === undefined) return entry.id;
  throw new Failure(`The binding "${entry.binding}" has both an id and a preview_id.`, {
    hint: "Say which: --preview, or --preview false.",
  });
}
