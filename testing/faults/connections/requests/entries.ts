import type { Entry, Model } from "../model.js";
import type { Content, PlannedRequest } from "../planned-request.js";
import { type Draw, drawEntry, planned, segment } from "./draw.js";
import { conditionFailed, found, versionOf, written } from "./outcomes.js";

/** A version that no entry ever has. */
const NO_VERSION = "999999999999999";

/** Reads and writes of one entry in the binding dialect. */
export const entryRequests: readonly ((draw: Draw) => PlannedRequest)[] = [
  get,
  get,
  put,
  put,
  put,
  head,
  getUnchanged,
  putIfAbsent,
  putIfVersion,
  putIfOtherVersion,
  remove,
  removeIfOtherVersion,
  increment,
  increment,
  incrementText,
  touch,
];

function get(draw: Draw): PlannedRequest {
  const key = draw.random.pick([...draw.keys, ...draw.counters]);
  return planned(draw, {
    label: `GET ${key}`,
    content: (around) => ({ method: "GET", path: `${around.binding}/${segment(around, key)}` }),
    execute: (model, response) => found(model, key, response),
  });
}

function head(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  return planned(draw, {
    label: `HEAD ${key}`,
    content: (around) => ({ method: "HEAD", path: `${around.binding}/${segment(around, key)}` }),
    execute: (model, response) => found(model, key, response),
  });
}

/** `If-None-Match` with the current version. */
function getUnchanged(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  return planned(draw, {
    label: `GET ${key} if changed`,
    waits: true,
    content: (around, model) => ({
      method: "GET",
      path: `${around.binding}/${segment(around, key)}`,
      headers: [["If-None-Match", `"${model.get(key)?.version ?? NO_VERSION}"`]],
    }),
    execute: (model, response) => {
      if (model.get(key)?.version === undefined) return found(model, key, response);
      return { status: 304, headers: { etag: `"${model.get(key)?.version}"` } };
    },
  });
}

function put(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  const entry = drawEntry(draw);
  return planned(draw, {
    label: `PUT ${key}, ${entry.value.byteLength} bytes`,
    hasBody: true,
    content: (around) => putContent(around.binding, segment(around, key), entry),
    execute: (model, response) => written(model, [[key, entry]], response),
  });
}

function putIfAbsent(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  const entry = drawEntry(draw);
  return planned(draw, {
    label: `PUT ${key} if absent`,
    hasBody: true,
    content: (around) => putContent(around.binding, segment(around, key), entry, ["If-None-Match", "*"]),
    execute: (model, response) =>
      model.get(key) === undefined
        ? written(model, [[key, entry]], response)
        : conditionFailed(model, key, response),
  });
}

function putIfVersion(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  const entry = drawEntry(draw);
  return planned(draw, {
    label: `PUT ${key} if unchanged`,
    hasBody: true,
    waits: true,
    content: (around, model) =>
      putContent(around.binding, segment(around, key), entry, [
        "If-Match",
        `"${model.get(key)?.version ?? NO_VERSION}"`,
      ]),
    execute: (model, response) =>
      model.get(key)?.version === undefined
        ? conditionFailed(model, key, response)
        : written(model, [[key, entry]], response),
  });
}

function putIfOtherVersion(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  const entry = drawEntry(draw);
  return planned(draw, {
    label: `PUT ${key} if at another version`,
    hasBody: true,
    content: (around) =>
      putContent(around.binding, segment(around, key), entry, ["If-Match", `"${NO_VERSION}"`]),
    execute: (model, response) => conditionFailed(model, key, response),
  });
}

function remove(draw: Draw): PlannedRequest {
  const key = draw.random.pick([...draw.keys, ...draw.counters]);
  return planned(draw, {
    label: `DELETE ${key}`,
    content: (around) => ({ method: "DELETE", path: `${around.binding}/${segment(around, key)}` }),
    execute: (model) => {
      model.delete(key);
      return { status: 200, json: { ok: true, version: null } };
    },
  });
}

function removeIfOtherVersion(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  return planned(draw, {
    label: `DELETE ${key} if at another version`,
    content: (around) => ({
      method: "DELETE",
      path: `${around.binding}/${segment(around, key)}`,
      headers: [["If-Match", `"${NO_VERSION}"`]],
    }),
    execute: (model, response) => conditionFailed(model, key, response),
  });
}

function increment(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.counters);
  const by = draw.random.pick([1, 1, 5, -3]);
  const body = by === 1 && draw.random.chance(0.5) ? undefined : Buffer.from(JSON.stringify({ by }));
  return planned(draw, {
    label: `increment ${key} by ${by}`,
    hasBody: body !== undefined,
    content: (around) => ({
      method: "POST",
      path: `${around.binding}/${segment(around, key)}/increment`,
      body,
    }),
    execute: (model, response) => {
      const version = versionOf(response);
      const { sum, wrong } = count(model, { key, by, version });
      return { status: 200, json: { value: sum, version }, wrong };
    },
  });
}

/** Applies an increment to an entry. Metadata and expiry stay. */
export function count(
  model: Model,
  { key, by, version }: { readonly key: string; readonly by: number; readonly version: number | undefined },
): { readonly sum: number; readonly wrong: string | undefined } {
  const before = model.get(key);
  const sum = Number(before?.value.toString() ?? 0) + by;
  const wrong = model.put(key, {
    value: Buffer.from(String(sum)),
    metadata: before?.metadata ?? null,
    ttlSeconds: before?.ttlSeconds ?? null,
    version,
  });
  return { sum, wrong };
}

/**
 * Increments a text, which is not a number. A missing key is not incremented here, so that keys hold only
 * what was put.
 */
function incrementText(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  return planned(draw, {
    label: `increment the text ${key}`,
    waits: true,
    content: (around, model) => ({
      method: model.get(key) === undefined ? "GET" : "POST",
      path: `${around.binding}/${segment(around, key)}${model.get(key) === undefined ? "" : "/increment"}`,
    }),
    execute: (model, response) =>
      model.get(key) === undefined
        ? found(model, key, response)
        : { status: 409, error: "value_not_integer" },
  });
}

function touch(draw: Draw): PlannedRequest {
  const key = draw.random.pick([...draw.keys, ...draw.counters]);
  const ttlSeconds = draw.random.pick([null, 3600, 500_000]);
  const body = Buffer.from(ttlSeconds === null ? "{}" : JSON.stringify({ expirationTtl: ttlSeconds }));
  return planned(draw, {
    label: `touch ${key}, ${ttlSeconds ?? "no"} seconds`,
    hasBody: true,
    content: (around) => ({ method: "POST", path: `${around.binding}/${segment(around, key)}/touch`, body }),
    execute: (model, response) => {
      const entry = model.get(key);
      if (entry === undefined) return { status: 404, error: "key_not_found" };
      return written(model, [[key, { ...entry, ttlSeconds }]], response);
    },
  });
}

function putContent(
  binding: string,
  name: string,
  { value, metadata, ttlSeconds }: Omit<Entry, "version">,
  ...headers: readonly (readonly [string, string])[]
): Content {
  return {
    method: "PUT",
    path: `${binding}/${name}${ttlSeconds === null ? "" : `?expiration_ttl=${ttlSeconds}`}`,
    headers: metadata === null ? headers : [...headers, ["CF-KV-Metadata", latin1(metadata)]],
    body: value,
  };
}

/** Raw UTF-8, as the bytes of a header. */
function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
