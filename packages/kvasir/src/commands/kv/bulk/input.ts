import { readFile } from "node:fs/promises";
import { ATOMIC_SECONDS_MAX, type KVNamespacePutOptions } from "@kvasir/client/namespace";
import * as v from "valibot";
import { Failure } from "../../../failure/failure.js";
import { SECONDS_PROBLEM } from "../../options/options.js";
import { isKey, KEY_PROBLEM } from "../key-argument.js";

const Key = v.pipe(v.string(), v.check(isKey, KEY_PROBLEM));
const Seconds = v.pipe(v.number(), v.integer(), v.maxValue(ATOMIC_SECONDS_MAX, SECONDS_PROBLEM));

const Entries = v.array(
  v.pipe(
    v.object({
      key: Key,
      value: v.string(),
      base64: v.optional(v.boolean()),
      expiration: v.optional(Seconds),
      expiration_ttl: v.optional(Seconds),
      metadata: v.optional(v.unknown()),
    }),
    v.check(({ value, base64 }) => base64 !== true || isBase64(value), "Its value is not valid base64"),
  ),
);

const Keys = v.array(
  v.union([
    Key,
    v.pipe(
      v.object({ name: Key }),
      v.transform(({ name }) => name),
    ),
  ]),
);

/** An entry of a `kv bulk put` file. */
export interface BulkEntry extends KVNamespacePutOptions {
  readonly key: string;
  readonly value: string;
  /** Whether `value` is base64. */
  readonly base64: boolean;
}

/** The entries of a `kv bulk put` file. `defaults` apply to entries without an expiry or without metadata. */
export async function readEntries(
  file: string,
  defaults: KVNamespacePutOptions,
): Promise<readonly BulkEntry[]> {
  const shape = "an array of { key, value, expiration?, expiration_ttl?, metadata?, base64? }";
  const entries = parse(Entries, await readJson(file), file, shape);
  return entries.map(({ key, value, base64, expiration, expiration_ttl: expirationTtl, metadata }) => ({
    key,
    value,
    base64: base64 === true,
    ...(expiration === undefined && expirationTtl === undefined
      ? { expiration: defaults.expiration, expirationTtl: defaults.expirationTtl }
      : { expiration, expirationTtl }),
    metadata: metadata === undefined ? defaults.metadata : metadata,
  }));
}

/** The keys of a `kv bulk get` or `kv bulk delete` file, which may also be what `kv key list` prints. */
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

/** `Buffer.from` skips characters that are not base64. */
function isBase64(text: string): boolean {
  const withoutPadding = (base64: string) => base64.replace(/={1,2}$/, "");
  return withoutPadding(Buffer.from(text, "base64").toString("base64")) === withoutPadding(text);
}
