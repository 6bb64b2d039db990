import { VALUE_BYTES_MAX } from "@kvasir/client/namespace";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLmdbStore } from "../engines/lmdb/lmdb-store.ts";
import { OVERSIZE_COUNT_BYTES_MAX, STREAM_GATHER_BYTES_MAX } from "../store/limits.ts";
import type { Store } from "../store/store.ts";
import { readValue } from "./value-source.ts";

let store: Store;

beforeAll(() => {
  store = openLmdbStore(":memory:");
});
afterAll(() => store.close());

/** A stream that counts what was taken from it, and notes whether it was told to stop. */
function source(parts: Iterable<Uint8Array>) {
  const seen = { bytes: 0, ended: false };
  async function* stream(): AsyncGenerator<Uint8Array> {
    try {
      for (const part of parts) {
        seen.bytes += part.byteLength;
        yield part;
      }
    } finally {
      seen.ended = true;
    }
  }
  return { seen, stream: stream() };
}

function* repeated(part: Uint8Array, count: number): Generator<Uint8Array> {
  for (let at = 0; at < count; at++) yield part;
}

const tooLarge = (bytes: number) =>
  expect.objectContaining({
    code: "value_too_large",
    message: `Value length of ${bytes} exceeds limit of ${VALUE_BYTES_MAX}.`,
  });

describe("readValue", () => {
  test("a small stream comes out in one piece, a large one on disk", async () => {
    const small = source(repeated(new Uint8Array(1024).fill(7), STREAM_GATHER_BYTES_MAX / 1024));
    expect(await readValue(store, small.stream)).toEqual(Buffer.alloc(STREAM_GATHER_BYTES_MAX, 7));
    const large = source(repeated(new Uint8Array(1024), STREAM_GATHER_BYTES_MAX / 1024 + 1));
    expect(await readValue(store, large.stream)).toMatchObject({
      byteLength: STREAM_GATHER_BYTES_MAX + 1024,
    });
  });

  test("a declared length over the limit is refused before anything is read", () => {
    const { seen, stream } = source([new Uint8Array(1)]);
    expect(() => readValue(store, stream, VALUE_BYTES_MAX + 1)).toThrow(tooLarge(VALUE_BYTES_MAX + 1));
    expect(seen.bytes).toBe(0);
  });

  test("a stream over the limit is counted to its end, for the message", async () => {
    const { seen, stream } = source(repeated(new Uint8Array(1_048_576), 30));
    await expect(readValue(store, stream)).rejects.toEqual(tooLarge(30 * 1_048_576));
    expect(seen.ended).toBe(true);
  });

  test("a stream without end is not", async () => {
    const { seen, stream } = source(repeated(new Uint8Array(1_048_576), Number.POSITIVE_INFINITY));
    await expect(readValue(store, stream)).rejects.toThrow("exceeds limit");
    expect(seen.bytes).toBeLessThanOrEqual(OVERSIZE_COUNT_BYTES_MAX + 1_048_576);
    expect(seen.ended).toBe(true);
  });

  test.each([0, 10, STREAM_GATHER_BYTES_MAX * 3])(
    "a stream's own error comes through after %i bytes",
    async (bytes) => {
      async function* failing(): AsyncGenerator<Uint8Array> {
        if (bytes > 0) yield new Uint8Array(bytes);
        throw new RangeError("boom");
      }
      await expect(readValue(store, failing())).rejects.toEqual(new RangeError("boom"));
    },
  );
});
