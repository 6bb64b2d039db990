import { writeSync } from "node:fs";
import { open } from "@kvasir/store";

/** Writes one key after the other into the directory of its first argument, and says so on stdout after each. */
const WRITES = 20;

const database = open(process.argv[2] ?? "");
const kv = database.namespace("flushed");
await kv.put("first", "makes the namespace");
writeSync(1, "acknowledged\n");
for (let index = 0; index < WRITES; index++) {
  // Small ones, and some whose value lies apart.
  await kv.put(`key:${index}`, "x".repeat(index % 4 === 0 ? 50_000 : 100));
  writeSync(1, "acknowledged\n");
}
await database.close();
