import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { FunctionError } from "../../failure/function-error.js";
import type { IgnoredKeys } from "./check-keys.js";
import type { ConfigDocument } from "./config-document.js";
import type { KeyPath } from "./key-path.js";

/** The contents of a func.toml or telnyx.toml (Telnyx docs, /docs/edge-compute/configuration). */
export interface TelnyxManifest {
  readonly path: string;
  /** `[edge_compute] func_name`, or the top-level `name` of a telnyx.toml. */
  readonly name: string | undefined;
  /** Absolute path of the entry module. */
  readonly main: string | undefined;
  /** Absolute path of a module whose exports become globals of the function. */
  readonly prelude: string | undefined;
  readonly namespaces: readonly TelnyxNamespace[];
  readonly vars: Readonly<Record<string, string>>;
  /** `[telnyx] binding`: the name of an API client that needs no API key. */
  readonly clientBinding: string | undefined;
  /** Keys without effect. */
  readonly ignored: Pick<IgnoredKeys, "unsupported" | "unexpected">;
}

/** `[storage.kv.NAME]` */
export interface TelnyxNamespace {
  /** The name in `env`, and the middle part of `KV_<NAME>_ID`. */
  readonly binding: string;
  /** The id in the manifest. `undefined` for a namespace that `dev` creates. */
  readonly id: string | undefined;
  /** Encoding of values in the API. `undefined` means raw. */
  readonly valueEncoding: "raw" | "envelope" | undefined;
  /** Unit of the TTLs given to `kv.set`. `undefined` means seconds. */
  readonly ttlUnit: "s" | "ms" | undefined;
}

export const MANIFEST_NAMES: readonly string[] = ["func.toml", "telnyx.toml"];

const text = v.pipe(v.string("must be a string in quotes"), v.nonEmpty("must not be empty"));
const identifier = v.pipe(
  text,
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be a name of letters, digits and underscores, such as MY_CACHE"),
);
const namespace = v.looseObject(
  {
    id: v.optional(v.pipe(text, v.regex(/^[A-Za-z0-9_.-]{1,64}$/, "must be the id of a namespace, a UUID"))),
    value_encoding: v.optional(v.picklist(["raw", "envelope"], 'must be "raw" or "envelope"')),
    ttl_unit: v.optional(v.picklist(["s", "ms"], 'must be "s" (seconds) or "ms" (milliseconds)')),
  },
  'must be a table such as [storage.kv.MY_CACHE] with id = "…"',
);
const manifest = v.looseObject({
  name: v.optional(text),
  main: v.optional(text),
  prelude: v.optional(text),
  edge_compute: v.optional(
    v.looseObject({ func_name: v.optional(text) }, 'must be a table with func_name = "…"'),
  ),
  storage: v.optional(
    v.looseObject(
      {
        kv: v.optional(
          v.record(identifier, namespace, "must hold tables, one for each namespace: [storage.kv.MY_CACHE]"),
        ),
      },
      "must hold tables such as [storage.kv.MY_CACHE]",
    ),
  ),
  env_vars: v.optional(
    v.record(
      v.string(),
      v.string('must be a string, in quotes: "1"'),
      'must hold lines such as NAME = "value"',
    ),
  ),
  telnyx: v.optional(
    v.looseObject({ binding: v.optional(identifier) }, 'must be a table with binding = "…"'),
  ),
});

/** @throws FunctionError that names the file and the key, and says what is expected there */
export function parseTelnyxManifest(document: ConfigDocument): TelnyxManifest {
  const result = v.safeParse(manifest, document.value, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const keys = (issue.path ?? []).map((item) => String(item.key));
    throw new FunctionError(`${document.path}: ${keys.join(".") || "the file"} ${issue.message}.`);
  }
  const { name, main, prelude, edge_compute, storage, env_vars, telnyx } = result.output;
  return {
    path: document.path,
    name: edge_compute?.func_name ?? name,
    main: main === undefined ? undefined : resolve(dirname(document.path), main),
    prelude: prelude === undefined ? undefined : resolve(dirname(document.path), prelude),
    namespaces: Object.entries(storage?.kv ?? {}).map(([binding, { id, value_encoding, ttl_unit }]) => ({
      binding,
      id,
      valueEncoding: value_encoding,
      ttlUnit: ttl_unit,
    })),
    vars: env_vars ?? {},
    clientBinding: telnyx?.binding,
    ignored: ignoredKeys(result.output),
  };
}

/** The keys of a manifest. `*` stands for any name. */
interface Known {
  readonly [key: string]: Known | "value" | "unsupported";
}

const KNOWN: Known = {
  name: "value",
  main: "value",
  prelude: "value",
  edge_compute: { func_id: "value", func_name: "value" },
  storage: {
    kv: { "*": { id: "value", value_encoding: "value", ttl_unit: "value" } },
    cloudstorage: "unsupported",
    sqldb: "unsupported",
  },
  env_vars: { "*": "value" },
  telnyx: { binding: "value" },
  secrets: "unsupported",
  actors: "unsupported",
};

function ignoredKeys(table: object, known: Known = KNOWN, at: KeyPath = []): TelnyxManifest["ignored"] {
  const found = Object.entries(table).map(([key, value]): TelnyxManifest["ignored"] => {
    const path = [...at, key];
    const shape = Object.hasOwn(known, key) ? known[key] : known["*"];
    if (shape === undefined) {
      return { unsupported: [], unexpected: [{ path, known: Object.keys(known) }] };
    }
    if (shape === "unsupported") return { unsupported: [path], unexpected: [] };
    if (shape === "value") return { unsupported: [], unexpected: [] };
    return ignoredKeys(value as object, shape, path);
  });
  return {
    unsupported: found.flatMap(({ unsupported }) => unsupported),
    unexpected: found.flatMap(({ unexpected }) => unexpected),
  };
}
