import { KvError } from "@kvasir/client/namespace";
import { JSON_DEPTH_MAX } from "../../http/limits.js";

type Node = string | Branch;
type Branch = Map<string, Node>;

/** `metadata[a][b]`, `metadata.a.b`. */
export type MetadataField = readonly [name: string, value: string];

/**
 * Puts metadata together that Cloudflare's own SDKs send as one form field for each part: `metadata[user][name]` and
 * `metadata[tags][]` from the TypeScript and Python SDKs, `metadata.user.name` and `metadata.tags.0` from the Go SDK.
 * Keys that count from 0 without a gap are a list. A field that is there twice is a list of its values.
 *
 * @returns JSON text
 * @throws KvError `metadata_invalid` for a name that is malformed or too deep, and for parts that contradict each other
 */
export function joinFlattenedMetadata(fields: readonly MetadataField[]): string {
  const root: Branch = new Map();
  for (const [name, value] of fields) add(root, pathOf(name), value);
  return JSON.stringify(plain(root));
}

function pathOf(name: string): readonly string[] {
  const rest = name.slice("metadata".length);
  if (rest.startsWith(".")) return checkDepth(name, rest.slice(1).split("."));
  if (!/^(\[[^[\]]*\])+$/.test(rest)) throw invalid(name, "is not of the form metadata[key][key]");
  return checkDepth(name, rest.slice(1, -1).split("]["));
}

function checkDepth(name: string, path: readonly string[]): readonly string[] {
  if (path.length > JSON_DEPTH_MAX) throw invalid(name, `is deeper than ${JSON_DEPTH_MAX} levels`);
  return path;
}

function add(root: Branch, path: readonly string[], value: string): void {
  let branch = root;
  for (const key of path.slice(0, -1)) branch = childOf(branch, key, path);
  const last = path.at(-1) ?? "";
  const key = last === "" ? String(branch.size) : last;
  const before = branch.get(key);
  if (before === undefined) branch.set(key, value);
  else if (typeof before === "string")
    branch.set(key, new Map([before, value].map((one, at) => [String(at), one])));
  else if (isList(before)) before.set(String(before.size), value);
  else throw contradiction(path);
}

function childOf(branch: Branch, key: string, path: readonly string[]): Branch {
  // `[]` begins another item of a list.
  const child = key === "" ? undefined : branch.get(key);
  if (typeof child === "string") throw contradiction(path);
  if (child !== undefined) return child;
  const created: Branch = new Map();
  branch.set(key === "" ? String(branch.size) : key, created);
  return created;
}

function plain(node: Node): unknown {
  if (typeof node === "string") return node;
  if (isList(node)) return Array.from(node.keys(), (_, at) => plain(node.get(String(at)) ?? ""));
  return Object.fromEntries(Array.from(node, ([key, child]) => [key, plain(child)]));
}

function isList(branch: Branch): boolean {
  return Array.from(branch.keys(), (_, at) => branch.has(String(at))).every(Boolean);
}

function contradiction(path: readonly string[]): KvError {
  return invalid(`metadata[${path.join("][")}]`, "is both text and an object");
}

function invalid(name: string, why: string): KvError {
  return new KvError("metadata_invalid", "Invalid metadata JSON", {
    hint: `The field ${JSON.stringify(name.slice(0, 64))} ${why}. Send metadata as one field with JSON.`,
  });
}
