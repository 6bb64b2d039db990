/**
 * Faults tolerated here: a client disconnects in the middle of a large upload, sends more than a value may
 * hold, or sends less than it declared. None of this changes what is stored, and what was written for it is
 * reclaimed.
 */
import { once } from "node:events";
import { request } from "node:http";
import { VALUE_BYTES_MAX } from "@kvasir/client/namespace";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { openEnvironment } from "../../packages/store/src/engines/lmdb/environment.js";
import type { LmdbStore } from "../../packages/store/src/engines/lmdb/lmdb-store.js";
import { startApi, type TestApi } from "../harness/api.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

/** After two days, everything that nothing refers to may be reclaimed. */
const RECLAIM_MS = 172_800_000;
const CHUNK = Buffer.alloc(1 << 20, "a chunk of a large value ");
const CHUNKS = 10;

let directory: string;
let api: TestApi;
let store: LmdbStore;
let path: string;

beforeEach(async () => {
  directory = temporaryDirectory();
  api = await startApi({ location: directory });
  store = api.database.store as LmdbStore;
  path = `${api.binding}/key`;
  await api.fetch(path, { method: "PUT", body: "as it was" });
});

/** The number of parts of large values on disk and of rows in the reclaim table. */
async function rowsOnDisk(): Promise<number> {
  const environment = openEnvironment(directory, { durability: "strict" });
  const { blobs, reclaim } = environment.tables;
  const rows = [...blobs.getKeys({})].length + [...reclaim.getKeys({})].length;
  await environment.letGo();
  return rows;
}

/**
 * Checks without a wait, because a server that knows that the client has disconnected keeps nothing for it.
 */
async function expectNothingLeft(): Promise<void> {
  // The server may not have noticed yet.
  await vi.waitFor(async () => {
    await store.maintenance.sweep();
    expect(await rowsOnDisk()).toBe(0);
  }, 10_000);
  expect(await (await api.fetch(path)).text()).toBe("as it was");
}

function startUpload(headers: Record<string, string | number> = {}) {
  const upload = request(api.url + path, { method: "PUT", headers });
  upload.setMaxListeners(100);
  upload.on("error", () => {}); // The connection breaks on purpose.
  return upload;
}

/** Sends chunks. Each is sent once the previous one has left this process. */
async function send(upload: ReturnType<typeof startUpload>, chunks: number): Promise<void> {
  for (let chunk = 0; chunk < chunks; chunk++) {
    if (!upload.write(CHUNK)) await Promise.race([once(upload, "drain"), once(upload, "close")]);
  }
}

describe("an upload", () => {
  test.each([
    ["of unknown length", {}],
    ["of declared length", { "content-length": CHUNKS * CHUNK.length }],
  ])("%s whose client goes away leaves nothing behind", async (_, headers) => {
    const upload = startUpload(headers);
    await send(upload, CHUNKS / 2);
    await vi.waitFor(async () => expect(await rowsOnDisk()).toBeGreaterThan(0), 10_000);
    upload.destroy();
    await expectNothingLeft();
  });

  test("of more than a value may hold is refused and leaves nothing behind", async () => {
    const upload = startUpload();
    const answered = once(upload, "response");
    await send(upload, VALUE_BYTES_MAX / CHUNK.length + 1);
    upload.end();
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    response.resume();
    await expectNothingLeft();
  });

  test("that succeeds is all there is, and its replacement all there is then", async () => {
    for (let round = 0; round < 2; round++) {
      const upload = startUpload();
      const answered = once(upload, "response");
      await send(upload, CHUNKS);
      upload.end();
      const [response] = await answered;
      expect(response.statusCode).toBe(200);
      response.resume();
    }
    api.clock.advance(RECLAIM_MS);
    await store.maintenance.sweep();
    const parts = Math.ceil((CHUNKS * CHUNK.length) / (128 * 1024));
    expect(await rowsOnDisk()).toBe(parts);
  });
});
