import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { Failure } from "../../../failure/failure.js";
import type { BulkEntry, EntryOptions } from "../../target/target.js";

const Entries = v.array(
  v.object({
    key: v.string(),
    value: v.string(),
    base64: v.optional(v.boolean()),
    expiration: v.optional(v.pipe(v.number(), v.integer())),
    expiration_ttl: v.optional(v.pipe(v.number(), v.integer())),
    metadata: v.optional(v.unknown()),
  }),
);

const Keys = v.array(
  v.union([
    v.string(),
    v.pipe(
      v.object({ name: v.string() }),
      v.transform(({ name }) => name),
    ),
  ]),
);

/** The entries of a `kv bulk put` file; `defaults` hold for those that say nothing themselves. */
export async function readEntries(file: string, defaults: EntryOptions): Promise<readonly BulkEntry[]> {
  const shape = "an array of { key, value, expiration?, expiration_ttl?, metadata?, base64? }";
  const entries = parse(Entries, await readJson(file), file, shape);
  return entries.map(({ key, value, base64, expiration, expiration_ttl: expirationTtl, metadata }) => ({
    key,
    value,
    base64,
    ...(expiration === undefined && expirationTtl === undefined
      ? { expiration: defaults.expiration, expirationTtl: defaults.expirationTtl }
      : { expiration, expirationTtl }),
    metadata: metadata === undefined ? defaults.metadata : metadata,
  }));
}

/** The keys of a `kv bulk get` or `kv bulk delete` file; what `kv key list` prints is one. */
export async function readKeys(file: string): Promise<readonly string[]> {
  return parse(Keys, await readJson(file), file, 'an array of keys, or of objects with a "name"');
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(`${file} is not JSON: ${reason}.`, {
      hint: "Correct it and run the command again.",
      cause,
    });
  }
}

function parse<S extends v.GenericSchema>(
  schema: S,
  json: unknown,
  file: string,
  expected: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = issue.path?.[0]?.key;
  const what = where === undefined ? "It" : `The item at index ${where}`;
  throw new Failure(`${file} is not what this command takes. ${what} is wrong: ${issue.message}.`, {
    hint: `The file must hold ${expected}.`,
  });
}
