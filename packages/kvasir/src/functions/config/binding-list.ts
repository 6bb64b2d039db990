import type { WorkerConfig } from "./function-config.js";
import type { ListedBinding } from "./listed-binding.js";

/** The members of `env` that a config adds, in the order in which wrangler lists them. Secrets are hidden. */
export function listBindings(config: WorkerConfig): readonly ListedBinding[] {
  const hidden = new Set(config.hiddenVarNames);
  return [
    ...config.kvNamespaces.map(({ binding, id }) => ({ name: binding, kind: "KV Namespace", target: id })),
    ...(config.otherBindings ?? []),
    ...Object.entries(config.vars).map(([name, value]) => ({
      name,
      kind: "Environment Variable",
      target: hidden.has(name) ? '"(hidden)"' : `${shortened(value)}`,
    })),
  ];
}

/** The bindings of a wrangler config that are neither namespaces nor variables. */
export function otherBindings(keys: object): readonly ListedBinding[] {
  const config = keys as BindingKeys;
  const named = (kind: string, files: Readonly<Record<string, string>> | undefined) =>
    Object.entries(files ?? {}).map(([name, target]) => ({ name, kind, target }));
  return [
    ...(config.durable_objects?.bindings ?? []).map(({ name, class_name, script_name }) => ({
      name,
      kind: "Durable Object",
      target: script_name === undefined ? class_name : `${class_name}, defined in ${script_name}`,
    })),
    ...(config.services ?? []).map(({ binding, service, entrypoint }) => ({
      name: binding,
      kind: "Worker",
      target: entrypoint === undefined ? service : `${service}#${entrypoint}`,
    })),
    ...(config.ratelimits ?? []).map(({ name, simple }) => ({
      name,
      kind: "Rate Limit",
      target: simple && `${simple.limit} requests/${simple.period}s`,
    })),
    ...named("Text Blob", config.text_blobs),
    ...named("Data Blob", config.data_blobs),
    ...named("Wasm Module", config.wasm_modules),
    ...[
      [config.version_metadata?.binding, "Worker Version Metadata"],
      [config.assets?.binding, "Assets"],
    ].flatMap(([name, kind = ""]) => (name === undefined ? [] : [{ name, kind, target: undefined }])),
  ];
}

/** The types are those that the list of known keys has checked. */
interface BindingKeys {
  readonly durable_objects?: {
    readonly bindings?: readonly { name: string; class_name: string; script_name?: string }[];
  };
  readonly services?: readonly { binding: string; service: string; entrypoint?: string }[];
  readonly ratelimits?: readonly { name: string; simple?: { limit: number; period: number } }[];
  readonly text_blobs?: Readonly<Record<string, string>>;
  readonly data_blobs?: Readonly<Record<string, string>>;
  readonly wasm_modules?: Readonly<Record<string, string>>;
  readonly version_metadata?: { readonly binding?: string };
  readonly assets?: { readonly binding?: string };
}

const SHOWN_LENGTH_MAX = 40;

function shortened(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  const cut = text.length < SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX - 3)}...`;
  return typeof value === "string" ? JSON.stringify(cut) : cut;
}
