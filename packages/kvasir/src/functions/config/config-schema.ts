import * as v from "valibot";
import { FunctionError } from "../../failure/function-error.js";
import { assetsSchema } from "./assets-config.js";
import { bundlingEntries } from "./bundling.js";
import type { ConfigDocument } from "./config-document.js";
import { devSchema } from "./dev-settings.js";
import { durableObjectsEntries } from "./durable-objects.js";
import { keyText } from "./key-path.js";
import { likeThis } from "./like-this.js";
import { rateLimitsSchema, unsafeSchema } from "./rate-limits.js";
import { routeEntries } from "./routes.js";
import { serviceEntries } from "./services.js";
import { siteSchema } from "./site-config.js";
import { triggersSchema } from "./triggers.js";
import { versionMetadataSchema } from "./version-metadata.js";

const name = v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"));
const strings = v.array(v.string("must be a string"), "must be a list of strings");
const file = v.pipe(v.string("must be the path of a file"), v.nonEmpty("must not be empty"));

/** Refuses what wrangler refuses, because it could not be deployed. */
const variable = v.pipe(
  v.unknown(),
  v.check((value) => !(value instanceof Date), "must be text, not a TOML date: put it in quotes"),
);

const kvNamespace = v.looseObject(
  {
    binding: v.pipe(v.string("must be a name"), v.nonEmpty("must not be empty")),
    id: v.optional(name),
    preview_id: v.optional(name),
  },
  likeThis('{ "binding": "MY_KV", "id": "…" }'),
);

const rule = v.looseObject(
  {
    type: v.picklist(
      ["ESModule", "CommonJS", "CompiledWasm", "Text", "Data"],
      "must be one of ESModule, CommonJS, CompiledWasm, Text, Data (Kvasir has no Python inside a Worker)",
    ),
    globs: strings,
    fallthrough: v.optional(v.boolean("must be true or false")),
  },
  likeThis('{ "type": "Text", "globs": ["**/*.md"] }'),
);

const entries = {
  name: v.optional(name),
  main: v.optional(file),
  compatibility_date: v.optional(v.string("must be a date such as 2026-01-31, in quotes")),
  compatibility_flags: v.optional(strings),
  kv_namespaces: v.optional(v.array(kvNamespace, "must be a list of namespaces")),
  vars: v.optional(v.record(v.string(), variable, "must hold names and values")),
  rules: v.optional(v.array(rule, "must be a list of rules")),
  ...bundlingEntries,
  assets: v.optional(assetsSchema),
  site: v.optional(siteSchema),
  triggers: v.optional(triggersSchema),
  ratelimits: v.optional(rateLimitsSchema),
  unsafe: v.optional(unsafeSchema),
  version_metadata: v.optional(versionMetadataSchema),
  secrets: v.optional(v.looseObject({ required: v.optional(strings) }, "must be an object")),
  ...serviceEntries,
  ...durableObjectsEntries,
  ...routeEntries,
};

const environment = v.looseObject(entries, "must hold settings");
const config = v.looseObject(
  {
    ...entries,
    dev: v.optional(devSchema),
    env: v.optional(v.record(v.string(), environment, "must hold environments")),
  },
  "must be an object",
);

/** A config whose known keys have the types of wrangler's documentation. Other keys are kept unchecked. */
export type RawConfig = v.InferOutput<typeof config>;
/** The keys that `env.<name>` and the top level have in common. */
export type RawEnvironment = v.InferOutput<typeof environment>;

/** @throws FunctionError that names the file, line and key, and says what is expected there */
export function parseConfig(document: ConfigDocument): RawConfig {
  const result = v.safeParse(config, document.value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const keys = (issue.path ?? []).map((item) => item.key as string | number);
  throw new FunctionError(`${document.locate(keys)}: ${keyText(keys)} ${issue.message}.`);
}
