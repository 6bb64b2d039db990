import type { Entry, Model } from "../model.js";
import type { Expected } from "../planned-request.js";
import type { Response } from "../response.js";

/** The largest difference between a time in a response and the expected time, in seconds. */
const CLOCK_SECONDS_MAX = 120;

/** The version in a response's `ETag`. */
export function versionOf(response: Response | null): number | undefined {
  const tag = /^"(\d+)"$/.exec(response?.headers.get("etag") ?? "");
  return tag === null ? undefined : Number(tag[1]);
}

/** A write that must succeed, of one entry or of several with one version. */
export function written(
  model: Model,
  entries: readonly (readonly [key: string, entry: Omit<Entry, "version">])[],
  response: Response | null,
): Expected {
  const version = versionOf(response);
  let wrong: string | undefined;
  for (const [key, entry] of entries) wrong = model.put(key, { ...entry, version }) ?? wrong;
  if (response !== null && version === undefined) wrong = "a write without an ETag";
  return { status: 200, json: { ok: true, version }, wrong };
}

/** A condition that fails. The response contains the current version. */
export function conditionFailed(model: Model, key: string, response: Response | null): Expected {
  if (model.get(key) === undefined) {
    return { status: 412, json: { ok: false, version: null }, headers: { etag: null } };
  }
  const version = versionOf(response);
  const wrong = version === undefined ? undefined : model.learn(key, version);
  return { status: 412, json: { ok: false, version }, wrong };
}

/** The entry itself. */
export function found(model: Model, key: string, response: Response | null): Expected {
  const entry = model.get(key);
  if (entry === undefined) return { status: 404, error: "key_not_found" };
  const version = versionOf(response);
  const wrong = version === undefined ? "a value without an ETag" : model.learn(key, version);
  return {
    status: 200,
    body: entry.value,
    headers: { "content-length": String(entry.value.byteLength) },
    wrong: response === null ? undefined : wrong,
    check: ({ headers }) => {
      const metadata = headers.get("cf-kv-metadata");
      const told = metadata === undefined ? null : Buffer.from(metadata, "latin1").toString();
      if (told !== entry.metadata) return `metadata ${told}, not ${entry.metadata}`;
      return wrongExpiry(numberOf(headers.get("cf-expiration")), entry.ttlSeconds);
    },
  };
}

export function wrongExpiry(expiration: number | undefined, ttlSeconds: number | null): string | undefined {
  if (ttlSeconds === null)
    return expiration === undefined ? undefined : `an expiry of ${expiration}, not none`;
  const right = Date.now() / 1000 + ttlSeconds;
  if (expiration !== undefined && Math.abs(expiration - right) < CLOCK_SECONDS_MAX) return undefined;
  return `an expiry of ${expiration}, not of about ${Math.round(right)}`;
}

/** The body as JSON, or `undefined` if it is not JSON. */
export function jsonOf({ body }: Response): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
