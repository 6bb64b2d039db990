import type { Entry } from "../model.js";
import type { PlannedRequest } from "../planned-request.js";
import { type Draw, drawEntry, planned } from "./draw.js";
import { count } from "./entries.js";
import { jsonOf, versionOf, wrongExpiry } from "./outcomes.js";

/** Requests for several entries, in both dialects. */
export const bulkRequests: readonly ((draw: Draw) => PlannedRequest)[] = [
  bulkGet,
  bulkGetInEnvelope,
  atomic,
  atomicThatFails,
  bulkPut,
  bulkPut,
  bulkDelete,
];

/** Larger values are sent one by one. */
const BULK_VALUE_BYTES_MAX = 20_000;

function bulkGet(draw: Draw): PlannedRequest {
  const keys = someKeys(draw);
  return planned(draw, {
    label: `bulk get of ${keys.join()}`,
    hasBody: true,
    content: ({ binding, prefix }) => ({
      method: "POST",
      path: `${binding}/bulk/get`,
      body: json({ keys: keys.map((key) => prefix + key) }),
    }),
    execute: (model, _, { prefix }) => ({
      status: 200,
      json: Object.fromEntries(keys.map((key) => [prefix + key, model.get(key)?.value.toString() ?? null])),
    }),
  });
}

function bulkGetInEnvelope(draw: Draw): PlannedRequest {
  const keys = someKeys(draw);
  return planned(draw, {
    label: `Cloudflare's bulk get of ${keys.join()}`,
    hasBody: true,
    content: ({ cloudflare, prefix }) => ({
      method: "POST",
      path: `${cloudflare}/bulk/get`,
      body: json({ keys: keys.map((key) => prefix + key), withMetadata: true }),
    }),
    execute: (model, _, { prefix }) => {
      const entries = new Map(keys.map((key) => [prefix + key, model.get(key)]));
      return { status: 200, check: (response) => wrongValues(jsonOf(response), entries) };
    },
  });
}

interface ValueWithMetadata {
  readonly value: string;
  readonly metadata: unknown;
  readonly expiration?: number;
}

function wrongValues(body: unknown, entries: ReadonlyMap<string, Entry | undefined>): string | undefined {
  const { values } = ((body as { readonly result?: unknown } | undefined)?.result ?? {}) as {
    readonly values?: Readonly<Record<string, ValueWithMetadata | null>>;
  };
  if (values === undefined) return "no values";
  if (Object.keys(values).length !== entries.size)
    return `${Object.keys(values).length} values, not ${entries.size}`;
  for (const [key, entry] of entries) {
    const told = values[key];
    if (told === undefined || (told === null) !== (entry === undefined))
      return `${JSON.stringify(told)} for ${key}`;
    if (told === null || entry === undefined) continue;
    if (told.value !== entry.value.toString()) return `another value of ${key}: ${told.value.slice(0, 80)}`;
    if (JSON.stringify(told.metadata) !== (entry.metadata ?? "null")) return `other metadata of ${key}`;
    const wrong = wrongExpiry(told.expiration, entry.ttlSeconds);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** A put, a counter and a deletion with one version. */
function atomic(draw: Draw): PlannedRequest {
  const { random, keys, counters } = draw;
  const [key, gone] = random.chance(0.5) ? [keys[0], keys[1]] : [keys[1], keys[0]];
  const counter = random.pick(counters);
  const entry = drawSmallEntry(draw);
  return planned(draw, {
    label: `atomic: put ${key}, increment ${counter}, delete ${gone}`,
    hasBody: true,
    content: ({ binding, prefix }) => ({
      method: "POST",
      path: `${binding}/bulk/atomic`,
      body: json({
        mutations: [
          {
            type: "put",
            key: prefix + key,
            value: entry.value.toString("base64"),
            base64: true,
            ...(entry.metadata !== null && { metadata: JSON.parse(entry.metadata) }),
            ...(entry.ttlSeconds !== null && { expirationTtl: entry.ttlSeconds }),
          },
          { type: "increment", key: prefix + counter, by: 2 },
          { type: "delete", key: prefix + gone },
        ],
      }),
    }),
    execute: (model, response) => {
      const version = versionOf(response);
      const wrong = model.put(key as string, { ...entry, version });
      const counted = count(model, { key: counter, by: 2, version });
      model.delete(gone as string);
      return { status: 200, json: { ok: true, version }, wrong: wrong ?? counted.wrong };
    },
  });
}

/** A commit with a check that fails, so that nothing of it is carried out. */
function atomicThatFails(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  return planned(draw, {
    label: `atomic with a check of ${key} that fails`,
    hasBody: true,
    content: ({ binding, prefix }) => ({
      method: "POST",
      path: `${binding}/bulk/atomic`,
      body: json({
        checks: [{ key: prefix + key, version: 999_999_999_999_999 }],
        mutations: draw.keys.map((each) => ({ type: "put", key: prefix + each, value: "never" })),
      }),
    }),
    execute: () => ({ status: 412, json: { ok: false, version: null } }),
  });
}

function bulkPut(draw: Draw): PlannedRequest {
  const entries = someKeys(draw).map((key) => [key, drawSmallEntry(draw)] as const);
  return planned(draw, {
    label: `bulk put of ${entries.map(([key]) => key).join()}`,
    hasBody: true,
    content: ({ cloudflare, prefix }) => ({
      method: "PUT",
      path: `${cloudflare}/bulk`,
      body: json(
        entries.map(([key, { value, metadata, ttlSeconds }]) => ({
          key: prefix + key,
          value: value.toString("base64"),
          base64: true,
          ...(metadata !== null && { metadata: JSON.parse(metadata) }),
          ...(ttlSeconds !== null && { expiration_ttl: ttlSeconds }),
        })),
      ),
    }),
    execute: (model) => {
      for (const [key, entry] of entries) model.put(key, { ...entry, version: undefined });
      return counted(entries.length);
    },
  });
}

function bulkDelete(draw: Draw): PlannedRequest {
  const keys = someKeys(draw);
  const legacy = draw.random.chance(0.3);
  return planned(draw, {
    label: `bulk delete of ${keys.join()}`,
    hasBody: true,
    content: ({ cloudflare, prefix }) => ({
      method: legacy ? "DELETE" : "POST",
      path: `${cloudflare}/bulk${legacy ? "" : "/delete"}`,
      body: json(keys.map((key) => prefix + key)),
    }),
    execute: (model) => {
      for (const key of keys) model.delete(key);
      return counted(keys.length);
    },
  });
}

function counted(count: number) {
  const result = { successful_key_count: count, unsuccessful_keys: [] };
  return { status: 200, json: { success: true, errors: [], messages: [], result } };
}

function someKeys({ random, keys }: Draw): string[] {
  const some = keys.filter(() => random.chance(0.5));
  return some.length > 0 ? some : [random.pick(keys)];
}

function drawSmallEntry(draw: Draw) {
  return drawEntry({ ...draw, valueBytesMax: Math.min(draw.valueBytesMax, BULK_VALUE_BYTES_MAX) });
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
