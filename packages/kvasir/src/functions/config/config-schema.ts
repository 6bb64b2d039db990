import * as v from "valibot";
import { FunctionError } from "../../failure/function-error.js";
import type { ConfigDocument } from "./config-document.js";
import { keyText } from "./key-path.js";
import { rateLimitsSchema, unsafeSchema } from "./rate-limits.js";
import { versionMetadataSchema } from "./version-metadata.js";

const name = v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"));
const strings = v.array(v.string("must be a string"), "must be a list of strings");
const file = v.pipe(v.string("must be the path of a file"), v.nonEmpty("must not be empty"));

const kvNamespace = v.looseObject(
  {
    binding: v.pipe(
      v.string("must be a name"),
      v.regex(
        /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u,
        "must be a name that JavaScript can use, such as MY_KV",
      ),
    ),
    id: v.optional(name),
    preview_id: v.optional(name),
  },
  likeThis('{ "binding": "MY_KV", "id": "…" }'),
);

const rule = v.looseObject(
  {
    type: v.picklist(
      ["ESModule", "CommonJS", "CompiledWasm", "Text", "Data", "PythonModule", "PythonRequirement"],
      "must be one of ESModule, CommonJS, CompiledWasm, Text, Data",
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
  vars: v.optional(v.record(v.string(), v.unknown(), "must hold names and values")),
  rules: v.optional(v.array(rule, "must be a list of rules")),
  ratelimits: v.optional(rateLimitsSchema),
  unsafe: v.optional(unsafeSchema),
  version_metadata: v.optional(versionMetadataSchema),
  secrets: v.optional(v.looseObject({ required: v.optional(strings) }, "must be an object")),
};

const environment = v.looseObject(entries, "must hold settings");
const config = v.looseObject(
  { ...entries, env: v.optional(v.record(v.string(), environment, "must hold environments")) },
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

/** The message for a value that does not match the example, or that lacks one of its keys. */
function likeThis(example: string): (issue: v.LooseObjectIssue) => string {
  // For a missing key, valibot uses the key's own path, and the key as the expected value.
  return ({ expected }) =>
    expected === "Object" ? `must be like ${example}` : `is missing: write it like ${example}`;
}
