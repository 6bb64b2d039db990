import type { Command } from "commander";

/** A command's file is loaded only if the command line names it, so that `kvasir dev` starts fast. */
export interface CommandEntry {
  readonly path: readonly string[];
  readonly summary: string;
  readonly load: () => Promise<{ readonly createCommand: () => Command }>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    path: ["dev"],
    summary: "run functions and the API on this machine, reloading on save",
    load: () => import("./dev.js"),
  },
  {
    path: ["serve"],
    summary: "run functions and the API for production",
    load: () => import("./serve.js"),
  },
  {
    path: ["kv", "namespace", "create"],
    summary: "create a namespace",
    load: () => import("./kv/namespace/create.js"),
  },
  {
    path: ["kv", "namespace", "list"],
    summary: "list the namespaces",
    load: () => import("./kv/namespace/list.js"),
  },
  {
    path: ["kv", "namespace", "rename"],
    summary: "give a namespace another title",
    load: () => import("./kv/namespace/rename.js"),
  },
  {
    path: ["kv", "namespace", "delete"],
    summary: "delete a namespace and all that is in it",
    load: () => import("./kv/namespace/delete.js"),
  },
  { path: ["kv", "key", "put"], summary: "write one key", load: () => import("./kv/key/put.js") },
  { path: ["kv", "key", "get"], summary: "read one key", load: () => import("./kv/key/get.js") },
  { path: ["kv", "key", "list"], summary: "list keys", load: () => import("./kv/key/list.js") },
  { path: ["kv", "key", "delete"], summary: "delete one key", load: () => import("./kv/key/delete.js") },
  { path: ["kv", "bulk", "put"], summary: "write keys from a file", load: () => import("./kv/bulk/put.js") },
  {
    path: ["kv", "bulk", "get"],
    summary: "read the keys that a file names",
    load: () => import("./kv/bulk/get.js"),
  },
  {
    path: ["kv", "bulk", "delete"],
    summary: "delete the keys that a file names",
    load: () => import("./kv/bulk/delete.js"),
  },
  {
    path: ["export"],
    summary: "write the entries of a namespace to a file",
    load: () => import("./transfer/export.js"),
  },
  {
    path: ["import"],
    summary: "write the entries of a file to a namespace",
    load: () => import("./transfer/import.js"),
  },
  {
    path: ["copy"],
    summary: "copy a namespace to another directory, server or service",
    load: () => import("./copy/copy.js"),
  },
  {
    path: ["backup"],
    summary: "copy all data to a folder, once or again and again, while servers go on",
    load: () => import("./backup/backup.js"),
  },
  {
    path: ["restore"],
    summary: "make a data directory from a backup",
    load: () => import("./backup/restore.js"),
  },
  {
    path: ["check"],
    summary: "check data or backups and name what is damaged",
    load: () => import("./check/check.js"),
  },
  {
    path: ["types"],
    summary: "write TypeScript declarations of a config's bindings",
    load: () => import("./types.js"),
  },
  {
    path: ["token", "create"],
    summary: "create an API token and print it once",
    load: () => import("./token/create.js"),
  },
  { path: ["token", "list"], summary: "list the API tokens", load: () => import("./token/list.js") },
  {
    path: ["token", "revoke"],
    summary: "make an API token invalid at once",
    load: () => import("./token/revoke.js"),
  },
];

/** The purpose of each group of commands, by the words that lead to it. */
export const GROUPS: Readonly<Record<string, string>> = {
  kv: "work with namespaces and keys, as `wrangler kv` does",
  "kv namespace": "create, list, rename and delete namespaces",
  "kv key": "write, read, list and delete single keys",
  "kv bulk": "write, read and delete many keys at once",
  token: "create, list and revoke API tokens",
};
