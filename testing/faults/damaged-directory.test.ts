/**
 * Faults tolerated here: the data file is truncated, its head is overwritten, it is another kind of file, or
 * a newer version of Kvasir wrote it. Opening it fails with an error that names the file and says what to do.
 * A server ends once with code 1. The file stays unchanged, so that it can be rescued.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KvError, open } from "@kvasir/store";
import { beforeEach, describe, expect, test } from "vitest";
import { openEnvironment } from "../../packages/store/src/engines/lmdb/environment.js";
import { FORMAT } from "../../packages/store/src/engines/lmdb/format.js";
import { writeMeta } from "../../packages/store/src/engines/lmdb/meta.js";
import { kvasir } from "../harness/command.js";
import type { Ended } from "../harness/kvasir-process.js";
import { randomBytesOf } from "../harness/random.js";
import { TOKEN } from "../harness/running-api.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

/** Both copies of LMDB's head are in the first two pages. This is two of the largest pages. */
const HEAD_BYTES = 32_768;

const DAMAGES: readonly { readonly name: string; readonly damage: (file: string) => void }[] = [
  {
    name: "cut off in the middle",
    damage: (file) => truncateSync(file, Math.floor(statSync(file).size / 2)),
  },
  { name: "cut off within its head", damage: (file) => truncateSync(file, 100) },
  {
    name: "overwritten at its head",
    damage: (file) => {
      const bytes = readFileSync(file);
      randomBytesOf("damage", Math.min(HEAD_BYTES, bytes.length)).copy(bytes);
      writeFileSync(file, bytes);
    },
  },
  { name: "something else", damage: (file) => writeFileSync(file, "Dear diary,\n".repeat(10_000)) },
];

let directory: string;
/** The file that holds the entries. */
let file: string;
beforeEach(async () => {
  directory = temporaryDirectory();
  const database = open(directory);
  const kv = database.namespace("kept");
  for (let index = 0; index < 200; index++) await kv.put(`key:${index}`, `value ${index} `.repeat(500));
  await database.close();
  file = largestFileIn(directory);
});

describe.each(DAMAGES)("a data file that is $name", ({ damage }) => {
  test("is refused with an error that names it", () => {
    damage(file);
    const error = failureOf(() => open(directory));
    expect(error).toBeInstanceOf(KvError);
    expect(error.code).toBe("storage_corrupt");
    expect(error.message).toContain(file);
    expect(error.hint).toBeTruthy();
  });

  test.each([1, 2])("ends kvasir serve with %d process(es) once, and stays as it is", async (workers) => {
    damage(file);
    const before = hashOf(file);
    const ended = await serveToItsEnd(workers);
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stderr).toContain(file);
    expect(ended.stderr.split(file), "says it once, not in a loop").toHaveLength(2);
    expect(ended.stderr, "a text for people").not.toMatch(/^ +at /m);
    expect(hashOf(file)).toBe(before);
  });
});

describe("a data directory of a newer format", () => {
  beforeEach(async () => {
    const environment = openEnvironment(directory, { durability: "strict" });
    environment.root.transactionSync(() => writeMeta(environment.tables.meta, "format", FORMAT + 1));
    await environment.letGo();
  });

  test("is refused with an error that says so", () => {
    const error = failureOf(() => open(directory));
    expect(error).toBeInstanceOf(KvError);
    expect(error.code).toBe("storage_format");
    expect(error.message).toContain(directory);
    expect(error.message).toContain(`format ${FORMAT + 1}`);
    expect(error.hint).toMatch(/newer/);
  });

  test.each([1, 2])("ends kvasir serve with %d process(es) once", async (workers) => {
    const ended = await serveToItsEnd(workers);
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stderr.split(`format ${FORMAT + 1}`), ended.stderr).toHaveLength(2);
    expect(ended.stderr).not.toMatch(/^ +at /m);
  });
});

function serveToItsEnd(workers: number): Promise<Ended> {
  const args = ["serve", "--api-port", "0", "--port", "0", "--data", directory, "--workers", String(workers)];
  return kvasir(args, { env: { KVASIR_TOKEN: TOKEN } });
}

function largestFileIn(path: string): string {
  const sizes = readdirSync(path).map((name) => ({ name, size: statSync(join(path, name)).size }));
  sizes.sort((a, b) => b.size - a.size);
  return join(path, sizes[0]?.name ?? "");
}

function hashOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function failureOf(call: () => unknown): KvError {
  try {
    call();
  } catch (error) {
    return error as KvError;
  }
  throw new Error("Nothing failed.");
}
