import type { KVNamespace } from "@kvasir/client";

/** Each of them finds a folder, or a key that is in none. */
const REQUESTS_MAX = 40;
const DELIMITERS = /[:/]/;

/**
 * The parts of keys below `prefix` up to the next `:` or `/`. Each request skips the keys of the folder that the last one
 * found, so the cost depends on the number of folders and not on that of keys. There may be more than are found.
 */
export async function foldersBelow(namespace: KVNamespace, prefix: string): Promise<readonly string[]> {
  const folders: string[] = [];
  let start = prefix;
  for (let requests = 0; requests < REQUESTS_MAX; requests++) {
    const { keys } = await namespace.list({ prefix, start, limit: 1 });
    const key = keys[0]?.name;
    if (key === undefined) break;
    const length = key.slice(prefix.length).search(DELIMITERS);
    if (length === -1) {
      start = `${key}\0`;
      continue;
    }
    const folder = key.slice(0, prefix.length + length + 1);
    folders.push(folder);
    start = successorOf(folder);
  }
  return folders;
}

/** The first text behind all that begin with `folder`, which ends with a delimiter. */
function successorOf(folder: string): string {
  const last = folder.charCodeAt(folder.length - 1);
  return folder.slice(0, -1) + String.fromCharCode(last + 1);
}
