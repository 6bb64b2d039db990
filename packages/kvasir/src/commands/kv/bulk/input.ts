import { readFile } from "node:fs/promises";
import {
  ATOMIC_SECONDS_MAX,
  type KVNamespacePutOptions,
  KvError,
  TTL_SECONDS_MIN,
} from "@kvasir/client/namespace";
import { checkEntry, decodeBase64, expirationMsOf, type PortableEntry } from "@kvasir/store";
import * as v from "valibot";
import { Failure } from "../../../failure/failure.js";
import { SECONDS_PROBLEM } from "../../options/options.js";
import { isKey, KEY_PROBLEM } from "../key-argument.js";

const Key = v.pipe(v.string(), v.check(isKey, KEY_PROBLEM));
const Seconds = v.pipe(v.number(), v.integer(), v.maxValue(ATOMIC_SECONDS_MAX, SECONDS_PROBLEM));

const Entries = v.array(
  v.object({
    key: Key,
    value: v.string(),
    base64: v.optional(v.boolean()),
    expiration: v.optional(Seconds),
    expiration_ttl: v.optional(Seconds),
    metadata: v.optional(v.unknown()),
    content_type: v.optional(v.string()),
  }),
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

type Fields = v.InferOutput<typeof Entries>[number];

/**
 * The entries of a `kv bulk put` file, all of which can be stored. `defaults` apply to entries without an expiry or
 * without metadata.
 *
 * @throws Failure that names the first item that cannot be stored
 */
export async function readEntries(
  file: string,
  defaults: KVNamespacePutOptions,
): Promise<readonly PortableEntry[]> {
  const json = await readJson(file);
  const items = parse(Entries, isRecord(json) ? fieldsOf(json) : json, file, SHAPE);
  const nowMs = Date.now();
  return items.map((fields, index) => {
    try {
      return entryOf(fields, defaults, nowMs);
    } catch (cause) {
      if (!(cause instanceof KvError)) throw cause;
      const key = JSON.stringify(fields.key);
      throw new Failure(
        `${file} cannot be stored. The item at index ${index} (key ${key}) is wrong: ${cause.message}`,
        {
          hint: cause.hint ?? "Nothing was written. Correct it and run the command again.",
          cause,
        },
      );
    }
  });
}

const SHAPE =
  "an array of { key, value, expiration?, expiration_ttl?, metadata?, base64? }, or what `kv bulk get` prints";

/** In the rules of a put, which are the same on a server. */
function entryOf(fields: Fields, defaults: KVNamespacePutOptions, nowMs: number): PortableEntry {
  const { key, value, base64, expiration, expiration_ttl: expirationTtl } = fields;
  const expiry =
    expiration === undefined && expirationTtl === undefined ? defaults : { expiration, expirationTtl };
  const metadata = fields.metadata === undefined ? defaults.metadata : fields.metadata;
  return checkEntry({
    key,
    value: base64 === true ? bytesOf(value) : Buffer.from(value),
    expirationMs: expirationMsOf(expiry, { nowMs, ttlSecondsMin: TTL_SECONDS_MIN }),
    metadata: metadata === undefined || metadata === null ? null : JSON.stringify(metadata),
    contentType: fields.content_type ?? null,
  });
}

function bytesOf(base64: string): Uint8Array {
  const bytes = decodeBase64(base64);
  if (bytes === null) throw new KvError("value_invalid", "Its value is not valid base64");
  return bytes;
}

/** The entries in what `kv bulk get` prints: values by key, `null` where there was none. */
function fieldsOf(values: Readonly<Record<string, unknown>>): readonly object[] {
  return Object.entries(values).flatMap(([key, given]) => {
    const fields = isRecord(given) ? given : { value: given };
    return fields["value"] === null ? [] : [{ ...fields, key }];
  });
}

function isRecord(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
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
