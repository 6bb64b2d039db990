import { isDeepStrictEqual } from "node:util";
import type { Model } from "../model.js";
import type { PlannedRequest } from "../planned-request.js";
import type { Response } from "../response.js";
import { type Draw, planned } from "./draw.js";
import { jsonOf, wrongExpiry } from "./outcomes.js";

/** Requests for many keys at once in the binding dialect. */
export const rangeRequests: readonly ((draw: Draw) => PlannedRequest)[] = [
  list,
  list,
  listHead,
  count,
  removePrefix,
  watchHead,
];

interface ListItem {
  readonly name: string;
  readonly expiration?: number;
  readonly metadata?: string;
  readonly value?: string;
  readonly version?: number;
}

function list(draw: Draw): PlannedRequest {
  const { random } = draw;
  const values = random.chance(0.5);
  const versions = random.chance(0.5);
  const reverse = random.chance(0.3);
  const limit = random.pick([1000, 1000, 1, 2, 3]);
  const within = partOfPrefix(draw);
  return planned(draw, {
    label: `list ${within}*${values ? " with values" : ""}${reverse ? " reversed" : ""}, at most ${limit}`,
    content: ({ binding, prefix }) => {
      const query = new URLSearchParams({ prefix: prefix + within, key_count_limit: String(limit) });
      if (values) query.set("values", "true");
      if (versions) query.set("versions", "true");
      if (reverse) query.set("reverse", "true");
      return { method: "GET", path: `${binding}/?${query}` };
    },
    execute: (model, _, { prefix }) => {
      const all = model.keys(within);
      if (reverse) all.reverse();
      const page = all.slice(0, limit);
      const before = new Map(page.map((key) => [key, model.get(key)]));
      return {
        status: 200,
        check: (response) => {
          const { keys, list_complete } = (jsonOf(response) ?? {}) as {
            readonly keys?: readonly ListItem[];
            readonly list_complete?: boolean;
          };
          if (keys === undefined) return "no list";
          const names = page.map((key) => prefix + key);
          if (
            !isDeepStrictEqual(
              keys.map(({ name }) => name),
              names,
            )
          ) {
            return `the keys ${keys.map(({ name }) => name).join()}, not ${names.join()}`;
          }
          if (list_complete !== (page.length === all.length)) return `list_complete is ${list_complete}`;
          return keys
            .map((item, at) => wrongItem(item, before.get(page[at] as string), { values, versions }))
            .find(Boolean);
        },
      };
    },
  });
}

function wrongItem(
  { name, expiration, metadata, value, version }: ListItem,
  entry: ReturnType<Model["get"]>,
  asked: { readonly values: boolean; readonly versions: boolean },
): string | undefined {
  if (entry === undefined) return `${name}, which is not there`;
  if ((metadata ?? null) !== entry.metadata)
    return `${name} with metadata ${metadata}, not ${entry.metadata}`;
  if (asked.values !== (value !== undefined))
    return `${name} ${asked.values ? "without its" : "with a"} value`;
  if (value !== undefined && value !== entry.value.toString())
    return `${name} with another value: ${value.slice(0, 80)}`;
  if (asked.versions !== (version !== undefined))
    return `${name} ${asked.versions ? "without its" : "with a"} version`;
  if (version !== undefined && entry.version !== undefined && version !== entry.version) {
    return `${name} at version ${version}, not ${entry.version}`;
  }
  return wrongExpiry(expiration, entry.ttlSeconds);
}

function listHead(draw: Draw): PlannedRequest {
  const query = draw.random.pick(["", "&values=true", "&count=true"]);
  return planned(draw, {
    label: `HEAD of a list${query}`,
    content: ({ binding, prefix }) => ({
      method: "HEAD",
      path: `${binding}/?prefix=${encodeURIComponent(prefix)}${query}`,
    }),
    execute: () => ({ status: 200 }),
  });
}

/** A HEAD request: the watch does not begin, and the connection continues. */
function watchHead(draw: Draw): PlannedRequest {
  return planned(draw, {
    label: "HEAD of a watch",
    content: ({ binding, prefix }) => ({
      method: "HEAD",
      path: `${binding}/?watch=true&prefix=${encodeURIComponent(prefix)}`,
    }),
    execute: () => ({
      status: 200,
      check: ({ headers }: Response) => {
        const type = headers.get("content-type");
        return type?.startsWith("text/event-stream") ? undefined : `the type ${type}, not that of events`;
      },
    }),
  });
}

function count(draw: Draw): PlannedRequest {
  const within = partOfPrefix(draw);
  return planned(draw, {
    label: `count ${within}*`,
    content: ({ binding, prefix }) => ({
      method: "GET",
      path: `${binding}/?count=true&prefix=${encodeURIComponent(prefix + within)}`,
    }),
    execute: (model) => ({ status: 200, json: { count: model.keys(within).length } }),
  });
}

function removePrefix(draw: Draw): PlannedRequest {
  const within = partOfPrefix(draw);
  const dry = draw.random.chance(0.4);
  return planned(draw, {
    label: `DELETE ${within}*${dry ? " (dry run)" : ""}`,
    content: ({ binding, prefix }) => ({
      method: "DELETE",
      path: `${binding}/?prefix=${encodeURIComponent(prefix + within)}${dry ? "&dry_run=true" : ""}`,
    }),
    execute: (model) => {
      const keys = model.keys(within);
      if (!dry) for (const key of keys) model.delete(key);
      return { status: 200, json: { count: keys.length } };
    },
  });
}

function partOfPrefix({ random, keys }: Draw): string {
  return random.chance(0.6) ? "" : [...random.pick(keys)].slice(0, 1).join("");
}
