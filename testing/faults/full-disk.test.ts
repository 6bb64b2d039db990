/**
 * Faults tolerated here: the disk is full before or during a write, small or large, and has room again later.
 * Writes then fail with `storage_full` and a text that says where and what to do. Reads work, the process
 * lives, and nothing stored before is lost. Writes succeed again without a restart.
 */
import type { KVNamespace } from "@kvasir/client";
import { KvError } from "@kvasir/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type KvasirProcess, serve } from "../harness/kvasir-process.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { aDiskOfItsOwn, Disk } from "./machinery/disk.js";
import { Embedder } from "./machinery/embedder.js";

const DISK_MEBIBYTES = 48;
const KEYS = 50;
/** After two days, everything that nothing refers to may be reclaimed. */
const RECLAIM_MS = 172_800_000;
/**
 * How many writes are tried on a full disk. A failing write must not make the next one succeed wrongly, or
 * hang.
 */
const TRIES = 30;

const valueAt = (index: number) => `value ${index} `.repeat(200);

async function writeSome(kv: KVNamespace): Promise<void> {
  for (let index = 0; index < KEYS; index++) await kv.put(`key:${index}`, valueAt(index));
}

/** Checks the data that was there before the disk was full. */
async function expectAllThere(kv: KVNamespace): Promise<void> {
  for (let index = 0; index < KEYS; index++) expect(await kv.get(`key:${index}`)).toBe(valueAt(index));
  expect((await kv.list({ prefix: "key:" })).keys).toHaveLength(KEYS);
}

/**
 * Writes until the store reports that it is full, then some more. The last pages of a file may still hold a
 * few.
 */
async function fillUp(
  kv: KVNamespace,
  why: () => string = () => "",
): Promise<{ readonly full: KvError; readonly written: string[] }> {
  const written: string[] = [];
  let full: KvError | undefined;
  for (let index = 0, failures = 0; failures < TRIES; index++) {
    try {
      await kv.put(`more:${index}`, valueAt(index));
      written.push(`more:${index}`);
    } catch (error) {
      failures++;
      if (!(error instanceof KvError)) throw error;
      expect(error.code, `${error.message} ${why()}`).toBe("storage_full");
      full = error;
    }
  }
  if (full === undefined) throw new Error("The disk is not full.");
  return { full, written };
}

describeWith(aDiskOfItsOwn, "a full disk", () => {
  let disk: Disk;
  let at: string;
  let servers: KvasirProcess[];
  let embedders: Embedder[];
  beforeEach(async () => {
    at = temporaryDirectory();
    disk = await Disk.small(at, DISK_MEBIBYTES);
    servers = [];
    embedders = [];
  });
  afterEach(async () => {
    for (const server of servers) await server.kill();
    for (const embedder of embedders) embedder.kill();
    disk.release();
  });

  test("fails embedded writes with a text that helps, and nothing else", async () => {
    const directory = `${at}/data`;
    const embedder = await Embedder.start({ directory }, disk.through);
    embedders.push(embedder);
    const kv = embedder.namespace("full");
    await writeSome(kv);
    disk.fill();
    const { full, written } = await fillUp(kv);
    expect(`${full.message} ${full.hint}`).toContain(directory);
    expect(full.hint).toMatch(/space/i);

    await expectAllThere(kv);
    for (const key of written) expect(await kv.get(key)).not.toBeNull();

    disk.drain();
    await kv.put("after", "room again");
    expect(await kv.get("after")).toBe("room again");
    await embedder.close();
    const again = await Embedder.start({ directory }, disk.through);
    embedders.push(again);
    await expectAllThere(again.namespace("full"));
    expect(await again.namespace("full").get("after")).toBe("room again");
    await again.close();
  });

  test.each([1, 2])(
    "leaves kvasir serve with %d process(es) alive, reading, and writing once there is room",
    async (workers) => {
      const server = serve(`${at}/data`, ["--workers", String(workers)], { through: disk.through });
      servers.push(server);
      const api = await server.ready();
      const namespace = await api.createNamespace("full");
      const kv = api.namespace(namespace);
      await writeSome(kv);
      disk.fill();
      const { full } = await fillUp(kv, () => `${server.isRunning} ${server.said.slice(-3000)}`);
      expect(full.message).toContain("507");
      const answer = await api.fetch(`/binding/${namespace}/refused`, {
        method: "PUT",
        body: "x".repeat(100_000),
      });
      expect(answer.status).toBe(507);
      const { error } = (await answer.json()) as { error: { code: string; message: string; hint?: string } };
      expect(error.code).toBe("storage_full");
      expect(`${error.message} ${error.hint}`).toContain(`${at}/data`);

      await expectAllThere(kv);
      expect(server.isRunning).toBe(true);
      disk.drain();
      await kv.put("after", "room again");
      expect(await kv.get("after")).toBe("room again");
      expect(await server.stop(), server.said).toBe(0);
    },
  );

  test("can be opened, read and closed while it is full", async () => {
    const before = await Embedder.start({ directory: `${at}/data` }, disk.through);
    await writeSome(before.namespace("full"));
    await before.close();
    disk.fill();
    const during = await Embedder.start({ directory: `${at}/data` }, disk.through);
    embedders.push(during);
    await expectAllThere(during.namespace("full"));
    await during.close();

    const server = serve(`${at}/data`, [], { through: disk.through });
    servers.push(server);
    const api = await server.ready();
    await expectAllThere(api.namespace(await api.namespaceId("full")));
    expect(await server.stop(), server.said).toBe(0);
  });

  test("keeps nothing of a large value that it had no room for", async () => {
    const directory = `${at}/data`;
    const embedder = await Embedder.start({ directory }, disk.through);
    embedders.push(embedder);
    const kv = embedder.namespace("full");
    await writeSome(kv);
    const large = new Uint8Array(25 * 2 ** 20);
    // Room for a part of the second value only.
    await kv.put("large", large);
    const error = await kv.put("too much", large).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(KvError);
    expect((error as KvError).code).toBe("storage_full");
    expect(await kv.get("too much")).toBeNull();

    await embedder.advance(RECLAIM_MS);
    await embedder.sweep();
    await kv.delete("large");
    await embedder.advance(RECLAIM_MS);
    await embedder.sweep();
    // If something of either value were left, there would be no room now.
    await kv.put("again", large);
    await expectAllThere(kv);
    await embedder.close();
  });

  test("has room again as soon as large values are deleted or replaced", async () => {
    const embedder = await Embedder.start({ directory: `${at}/data` }, disk.through);
    embedders.push(embedder);
    const kv = embedder.namespace("full");
    await writeSome(kv);
    const large = new Uint8Array(1_000_000);
    const keys: string[] = [];
    for (let full = false; !full; ) {
      const key = `large:${keys.length}`;
      await kv.put(key, large).then(
        () => keys.push(key),
        () => {
          full = true;
        },
      );
    }
    for (const key of keys) await kv.delete(key);
    await kv.put("after", new Uint8Array(60_000));
    // Replaced many times, with far more data in total than fits.
    for (let round = 0; round < 60; round++) await kv.put("replaced", large);
    await expectAllThere(kv);
    await embedder.close();
  });

  test("has room again when what filled it has expired", async () => {
    const embedder = await Embedder.start({ directory: `${at}/data` }, disk.through);
    embedders.push(embedder);
    const kv = embedder.namespace("full");
    await writeSome(kv);
    const large = new Uint8Array(1_000_000);
    const fill = async () => {
      for (let index = 0; ; index++) await kv.put(`session:${index}`, large, { expirationTtl: 60 });
    };
    await expect(fill()).rejects.toMatchObject({ code: "storage_full" });
    await embedder.advance(61_000);
    await kv.put("after", large);
    await expectAllThere(kv);
    await embedder.close();
  });

  test("lets small entries be deleted, one by one and all at once", async () => {
    const embedder = await Embedder.start({ directory: `${at}/data` }, disk.through);
    embedders.push(embedder);
    const kv = embedder.namespace("full");
    await writeSome(kv);
    disk.fill();
    const { written } = await fillUp(kv);
    for (const key of written.slice(0, 20)) await kv.delete(key);
    expect(await kv.deletePrefix("more:")).toBe(written.slice(20).length);
    expect(await kv.deletePrefix("key:")).toBe(KEYS);
    await kv.put("after", "room again");
    await embedder.close();
  });
});
