import type { PlannedRequest } from "../planned-request.js";
import { type Draw, drawEntry, planned, segment } from "./draw.js";
import { jsonOf, wrongExpiry } from "./outcomes.js";

const DONE = { success: true, errors: [], messages: [], result: null };
const NOT_FOUND = { status: 404, error: 10009 };

/** Reads and writes of one entry in Cloudflare's dialect, forms included. */
export const cloudflareRequests: readonly ((draw: Draw) => PlannedRequest)[] = [
  get,
  metadata,
  put,
  putForm,
  putForm,
  remove,
  listKeys,
];

function get(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  const method = draw.random.pick(["GET", "HEAD"]);
  return planned(draw, {
    label: `Cloudflare's ${method} ${key}`,
    content: (around) => ({ method, path: `${around.cloudflare}/values/${segment(around, key)}` }),
    execute: (model) => {
      const entry = model.get(key);
      if (entry === undefined) return NOT_FOUND;
      return {
        status: 200,
        body: entry.value,
        check: ({ headers }) => {
          const expiration = headers.get("expiration");
          return wrongExpiry(expiration === undefined ? undefined : Number(expiration), entry.ttlSeconds);
        },
      };
    },
  });
}

function metadata(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  return planned(draw, {
    label: `Cloudflare's metadata of ${key}`,
    content: (around) => ({ method: "GET", path: `${around.cloudflare}/metadata/${segment(around, key)}` }),
    execute: (model) => {
      const entry = model.get(key);
      if (entry === undefined) return NOT_FOUND;
      const result: unknown = entry.metadata === null ? null : JSON.parse(entry.metadata);
      return { status: 200, json: { ...DONE, result } };
    },
  });
}

function put(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  const entry = { ...drawEntry(draw), metadata: null };
  return planned(draw, {
    label: `Cloudflare's PUT ${key}, ${entry.value.byteLength} bytes`,
    hasBody: true,
    content: (around) => ({
      method: "PUT",
      path: `${around.cloudflare}/values/${segment(around, key)}${ttlQuery(entry)}`,
      body: entry.value,
    }),
    execute: (model) => {
      model.put(key, { ...entry, version: undefined });
      return { status: 200, json: DONE };
    },
  });
}

function putForm(draw: Draw): PlannedRequest {
  const { random } = draw;
  const key = random.pick(draw.keys);
  const entry = drawEntry(draw);
  const boundary = random.pick(["B", "----WebKitFormBoundaryx", "a'b(c)d"]);
  const metadataFirst = random.chance(0.5);
  const fileName = random.chance(0.5) ? '; filename="f"' : "";
  return planned(draw, {
    label: `PUT ${key} as a form, ${entry.value.byteLength} bytes`,
    hasBody: true,
    content: (around) => {
      const value = formPart(boundary, `name="value"${fileName}`, entry.value);
      const text = entry.metadata;
      const metadataPart = text === null ? [] : [formPart(boundary, 'name="metadata"', Buffer.from(text))];
      const parts = metadataFirst ? [...metadataPart, value] : [value, ...metadataPart];
      return {
        method: "PUT",
        path: `${around.cloudflare}/values/${segment(around, key)}${ttlQuery(entry)}`,
        headers: [["Content-Type", `multipart/form-data; boundary="${boundary}"`]],
        body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
      };
    },
    execute: (model) => {
      model.put(key, { ...entry, version: undefined });
      return { status: 200, json: DONE };
    },
  });
}

export function formPart(boundary: string, disposition: string, value: Buffer): Buffer {
  const head = `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), value, Buffer.from("\r\n")]);
}

function remove(draw: Draw): PlannedRequest {
  const key = draw.random.pick(draw.keys);
  return planned(draw, {
    label: `Cloudflare's DELETE ${key}`,
    content: (around) => ({ method: "DELETE", path: `${around.cloudflare}/values/${segment(around, key)}` }),
    execute: (model) => {
      model.delete(key);
      return { status: 200, json: DONE };
    },
  });
}

function listKeys(draw: Draw): PlannedRequest {
  return planned(draw, {
    label: "Cloudflare's list",
    content: ({ cloudflare, prefix }) => ({
      method: "GET",
      path: `${cloudflare}/keys?prefix=${encodeURIComponent(prefix)}`,
    }),
    execute: (model, _, { prefix }) => {
      const names = model.keys().map((key) => prefix + key);
      return {
        status: 200,
        check: (response) => {
          const { result = [] } = (jsonOf(response) ?? {}) as {
            readonly result?: readonly { readonly name: string }[];
          };
          const told = result.map(({ name }) => name);
          return told.join() === names.join() ? undefined : `the keys ${told.join()}, not ${names.join()}`;
        },
      };
    },
  });
}

function ttlQuery({ ttlSeconds }: { readonly ttlSeconds: number | null }): string {
  return ttlSeconds === null ? "" : `?expiration_ttl=${ttlSeconds}`;
}
