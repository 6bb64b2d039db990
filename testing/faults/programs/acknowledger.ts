import { writeSync } from "node:fs";
import { open } from "@kvasir/store";

/**
 * Writes keys one after the other into the directory of its first argument, and reports each write on stdout.
 */
const WRITES = 20;

const database = open(process.argv[2] ?? "");
const kv = database.namespace("flushed");
await kv.put("first", "makes the namespace");
writeSync(1, "acknowledged\n");
for (let index = 0; index < WRITES; index++) {
  // Mostly small values, and some that are stored in parts.
  await kv.put(`key:${index}`, "x".repeat(index % 4 === 0 ? 50_000 : 100));
  writeSync(1, "acknowledged\n");
}
await database.close();
