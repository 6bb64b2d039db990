/**
 * Faults tolerated here: any one byte of the data file changes on disk. A read returns what was stored, or an
 * error that says that the data is damaged. Damage that would end the process is found before it is read, or
 * the resulting end of the process is told from a crash. A read never returns other data, misses a key or
 * shortens a list.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FakeClock, open } from "@kvasir/store";
import { expect, onTestFinished, test } from "vitest";
import { PAGES_CHECKED_BYTES_MAX } from "../../packages/store/src/engines/lmdb/limits.js";
import { buildProgram } from "../harness/build-program.js";
import { kvasir } from "../harness/command.js";
import { serve } from "../harness/kvasir-process.js";
import { Random } from "../harness/random.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { DAMAGED_IMAGES } from "./limits.js";
import type { ImageFindings, ImageReaderInput } from "./programs/image-reader.js";

const NOW_MS = Date.UTC(2026, 0, 1);
const NAMESPACE = "cafe".repeat(8);

/** Writes a directory with small and large values, metadata and expirations. */
async function written(directory: string): Promise<ImageReaderInput> {
  const database = open(directory, { clock: new FakeClock(NOW_MS) });
  await database.store.namespaces.create({ id: NAMESPACE, title: "kept" });
  const expected: (readonly [string, string, string | null])[] = [];
  for (let index = 0; index < 400; index++) {
    const value =
      index % 40 === 39 ? `large ${index} `.repeat(400) : `value ${index} `.repeat(1 + (index % 9));
    expected.push([`key:${1000 + index}`, value, index % 3 === 0 ? `{"n":${index}}` : null]);
  }
  await database.store.entries.writeMany(
    NAMESPACE,
    expected.map(([key, value, metadata], index) => ({
      type: "put",
      key,
      value: Buffer.from(value),
      metadata,
      contentType: null,
      expirationMs: index % 4 === 0 ? NOW_MS + 86_400_000 + index : null,
    })),
  );
  await database.close();
  return { directories: [directory], nowMs: NOW_MS, namespace: NAMESPACE, expected };
}

test(`${DAMAGED_IMAGES} files with one changed byte each give right data, or an error that says so`, async () => {
  const program = await buildProgram("faults/programs/image-reader");
  const original = temporaryDirectory();
  const input = await written(original);
  const image = readFileSync(join(original, "data.mdb"));
  const changes: string[] = [];
  const directories = Array.from({ length: DAMAGED_IMAGES }, (_, index) => {
    const random = new Random(`image ${index}`);
    const at = random.between(0, image.length - 1);
    const bits = random.between(1, 255);
    const damaged = Buffer.from(image);
    damaged[at] = (damaged[at] as number) ^ bits;
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "data.mdb"), damaged);
    changes.push(`image ${index}, byte ${at} ^ ${bits}`);
    return directory;
  });
  const found = await readImages(program, { ...input, directories });
  const failures = found.flatMap(({ wrong, errors }, index) =>
    [...wrong, ...errors.filter((code) => !EXPECTED_ERRORS.includes(code))].map(
      (failure) => `${changes[index]}: ${failure}`,
    ),
  );
  expect(failures).toEqual([]);
  expect(found, "none ended the process that read it").toHaveLength(DAMAGED_IMAGES);
  expect(found.filter(({ errors }) => errors.length > 0).length).toBeGreaterThan(DAMAGED_IMAGES / 4);
}, 300_000);

const EXPECTED_ERRORS: readonly string[] = ["storage_corrupt", "damaged"];

async function readImages(program: string, input: ImageReaderInput): Promise<readonly ImageFindings[]> {
  const child = spawn(process.execPath, [program, JSON.stringify(input)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await once(child, "close");
  return said
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ImageFindings);
}

/**
 * Writes a file that is too large to be checked when it is opened, and in which reading `key:1200` is fatal.
 */
async function writtenFatal(directory: string): Promise<void> {
  await written(directory);
  const database = open(directory, { clock: new FakeClock(NOW_MS) });
  await database.namespaceById(NAMESPACE).put("filler", Buffer.alloc(PAGES_CHECKED_BYTES_MAX, 1));
  await database.close();
  const file = join(directory, "data.mdb");
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf("key:1200"); at !== -1; at = bytes.indexOf("key:1200", at + 1)) {
    // Before the key of an entry come its namespace's number, the size of both, flags, and the size of the value.
    const isEntry = bytes.readUInt16LE(at - 6) === "key:1200".length + 4;
    if (isEntry) bytes.writeUInt16LE(0xfff, at - 10);
  }
  writeFileSync(file, bytes);
}

test("kvasir check says that a file is damaged which ends the processes that read it", async () => {
  const directory = temporaryDirectory();
  await writtenFatal(directory);
  const { code, stdout } = await kvasir(["check", "--data", directory]);
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: expect.stringMatching(/^Page \d+ has .*\n.* is damaged/),
  });
});

test("serve gives up on a file that ends its workers, and says why", async () => {
  const directory = temporaryDirectory();
  await writtenFatal(directory);
  const server = serve(directory, ["--workers", "2"]);
  onTestFinished(() => server.kill());
  const api = await server.ready();
  const read = () => api.fetch(`/binding/${NAMESPACE}/key:1200`).catch(() => null);
  while (server.isRunning) {
    await read();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { code, stdout, stderr } = await server.ended;
  expect(code).toBe(1);
  expect(stdout + stderr).toMatch(
    /The data in .* are damaged: Page \d+ has .* restore the directory from a backup/,
  );
});
