import { VALUE_BYTES_MAX } from "@kvasir/client/namespace";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLmdbStore } from "../engines/lmdb/lmdb-store.js";
import type { Store } from "../store/store.js";
import { OVERSIZE_COUNT_BYTES_MAX, STREAM_GATHER_BYTES_MAX } from "./limits.js";
import type { ValueSource } from "./value-source.js";
import { readValue } from "./value-source.js";

let store: Store;

beforeAll(() => {
  store = openLmdbStore(":memory:");
});
afterAll(() => store.close());

function read(source: ValueSource, declaredBytes?: number) {
  return readValue(source, declaredBytes, (parts) =>
    store.entries.stage("namespace", "key", parts, { bytesMax: VALUE_BYTES_MAX }),
  );
}

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
    expect(await read(small.stream)).toEqual(Buffer.alloc(STREAM_GATHER_BYTES_MAX, 7));
    const large = source(repeated(new Uint8Array(1024), STREAM_GATHER_BYTES_MAX / 1024 + 1));
    expect(await read(large.stream)).toMatchObject({
      byteLength: STREAM_GATHER_BYTES_MAX + 1024,
    });
  });

  test("a declared length over the limit is refused before anything is read", () => {
    const { seen, stream } = source([new Uint8Array(1)]);
    expect(() => read(stream, VALUE_BYTES_MAX + 1)).toThrow(tooLarge(VALUE_BYTES_MAX + 1));
    expect(seen.bytes).toBe(0);
  });

  test("a stream over the limit is counted to its end, for the message", async () => {
    const { seen, stream } = source(repeated(new Uint8Array(1_048_576), 30));
    await expect(read(stream)).rejects.toEqual(tooLarge(30 * 1_048_576));
    expect(seen.ended).toBe(true);
  });

  test("a stream without end is not", async () => {
    const { seen, stream } = source(repeated(new Uint8Array(1_048_576), Number.POSITIVE_INFINITY));
    await expect(read(stream)).rejects.toThrow("exceeds limit");
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
      await expect(read(failing())).rejects.toEqual(new RangeError("boom"));
    },
  );
});
