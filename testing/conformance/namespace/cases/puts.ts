import { refusal, typeError } from "../assert.js";
import type { NamespaceCase } from "../case.js";

const VALUE_BYTES_MAX = 26_214_400;
const WRONG_VALUE = typeError(
  "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.",
);

interface Resizable {
  resize(byteLength: number): void;
}

export const putCases: readonly NamespaceCase[] = [
  {
    name: "put: resolves with undefined, and the value is there",
    async run({ kv, assert }) {
      assert.same(await kv.put("key", "välue"), undefined);
      assert.same(await kv.get("key"), "välue");
      await kv.put("key", "second");
      assert.same(await kv.get("key"), "second");
    },
  },
  {
    name: "put: buffers and views store their bytes, a view only its window",
    async run({ kv, assert }) {
      const bytes = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 255]);
      const utf16 = new Uint16Array([0x0102, 0xfffe]);
      for (const [value, stored] of [
        [bytes, bytes],
        [bytes.buffer, bytes],
        [bytes.subarray(2, 5), new Uint8Array([2, 3, 4])],
        [new DataView(bytes.buffer, 6, 2), new Uint8Array([6, 255])],
        [utf16, new Uint8Array(utf16.buffer)],
        [new Float64Array([0.5]), new Uint8Array(new Float64Array([0.5]).buffer)],
        [new ArrayBuffer(0), new Uint8Array(0)],
      ] as const) {
        await kv.put("key", value);
        assert.same(await kv.get("key", "arrayBuffer"), stored);
      }
    },
  },
  {
    name: "put: buffers that can change their size, and views of them, store what they hold at the call",
    async run({ kv, loose, assert }) {
      const resizable = () =>
        new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer & Resizable)(4, {
          maxByteLength: 100_000,
        });
      for (const view of [
        (buffer: ArrayBuffer) => buffer,
        (buffer: ArrayBuffer) => new Uint8Array(buffer),
        (buffer: ArrayBuffer) => new Uint16Array(buffer, 0, 2),
        (buffer: ArrayBuffer) => new DataView(buffer),
      ]) {
        const buffer = resizable();
        new Uint8Array(buffer).set([1, 2, 3, 4]);
        const written = loose.put("key", view(buffer));
        buffer.resize(2);
        await written;
        assert.same(await kv.get("key", "arrayBuffer"), new Uint8Array([1, 2, 3, 4]));
      }
    },
  },
  {
    name: "put: shared memory, and views of it, stores what it holds at the call",
    async run({ kv, loose, assert }) {
      for (const view of [
        (buffer: SharedArrayBuffer) => buffer,
        (buffer: SharedArrayBuffer) => new Uint8Array(buffer, 1, 2),
        (buffer: SharedArrayBuffer) => new DataView(buffer),
      ]) {
        const buffer = new SharedArrayBuffer(4);
        const bytes = new Uint8Array(buffer);
        bytes.set([1, 2, 3, 4]);
        const value = view(buffer);
        const written = loose.put("key", value);
        const stored = value instanceof Uint8Array ? [2, 3] : [1, 2, 3, 4];
        bytes.fill(9);
        await written;
        assert.same(await kv.get("key", "arrayBuffer"), new Uint8Array(stored));
      }
    },
  },
  {
    name: "put: changing a buffer after the put does not change what is stored",
    async run({ kv, assert }) {
      for (const length of [10, 5_000, 300_000]) {
        const bytes = new Uint8Array(length).fill(1);
        const written = kv.put(`key${length}`, bytes);
        bytes.fill(2);
        await written;
        assert.same(await kv.get(`key${length}`, "arrayBuffer"), new Uint8Array(length).fill(1));
      }
    },
  },
  {
    name: "put: primitives become text",
    async run({ kv, loose, assert }) {
      for (const [value, text] of [
        [123, "123"],
        [-0.5, "-0.5"],
        [true, "true"],
        [null, "null"],
        [undefined, "undefined"],
        [10n, "10"],
      ] as const) {
        await loose.put("key", value);
        assert.same(await kv.get("key"), text);
      }
      await assert.rejects(() => loose.put("key", Symbol("s")), typeError(/Cannot convert a Symbol value/));
    },
  },
  {
    name: "put: any other object is a TypeError",
    async run({ loose, kv, assert }) {
      for (const value of [
        {},
        { a: 1 },
        [],
        ["a"],
        new Date(0),
        new Blob(["x"]),
        new String("boxed"),
        new Map(),
        () => "function",
      ]) {
        await assert.rejects(() => loose.put("key", value), WRONG_VALUE);
      }
      assert.same(await kv.get("key"), null);
    },
  },
  {
    name: "put: options are an object or nothing",
    async run({ kv, loose, assert }) {
      for (const options of [null, undefined, {}, []]) {
        await loose.put("key", "value", options);
        assert.same(await kv.get("key"), "value");
      }
      for (const options of ["text", 5, true]) {
        await assert.rejects(
          () => loose.put("key", "value", options),
          typeError("Failed to execute 'put' on 'KvNamespace': parameter 3 is not of type 'PutOptions'."),
        );
      }
    },
  },
  {
    name: "put: options are looked at first, then the key, then the value",
    async run({ loose, assert }) {
      await assert.rejects(
        () => loose.put("", {}, { expirationTtl: 2 ** 31 }),
        typeError(/^Value out of range/),
      );
      await assert.rejects(() => loose.put("", {}), typeError("Key name cannot be empty."));
    },
  },
  {
    name: "put: streams, in any cut, empty, or of text",
    async run({ kv, loose, assert }) {
      const part = (length: number, byte: number) => new Uint8Array(length).fill(byte);
      for (const parts of [
        [],
        [part(0, 0)],
        [part(5, 1)],
        [part(1, 1), part(0, 0), part(2, 2)],
        [part(131_072, 3)],
        [part(131_073, 3)],
        [part(100_000, 1), part(100_000, 2), part(100_000, 3)],
        Array.from({ length: 50 }, (_, at) => part(20_001, at)),
      ]) {
        await kv.put("key", streamOf(parts));
        const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
        assert.same(await kv.get("key", "arrayBuffer"), whole, `${whole.length} bytes`);
        const streamed = new Response(await kv.get("key", "stream"));
        assert.same(await streamed.arrayBuffer(), whole, `${whole.length} bytes, streamed`);
      }
      await loose.put("key", new Response("from a response").body);
      assert.same(await kv.get("key"), "from a response");
      await loose.put("key", streamOf(["te", "xt"]));
      assert.same(await kv.get("key"), "text");
    },
  },
  {
    name: "put: a stream that someone else reads is a TypeError",
    async run({ kv, assert }) {
      const stream = streamOf([new Uint8Array(1)]);
      stream.getReader();
      await assert.rejects(
        () => kv.put("key", stream),
        typeError("The ReadableStream has been locked to a reader."),
      );
    },
  },
  {
    name: "put: a stream that fails fails the put with its error, and leaves the old value",
    async run({ kv, assert }) {
      await kv.put("key", "old");
      for (const bytesBefore of [0, 10, 300_000]) {
        const failing = new ReadableStream<Uint8Array>({
          start(controller) {
            if (bytesBefore > 0) controller.enqueue(new Uint8Array(bytesBefore));
          },
          pull(controller) {
            controller.error(new RangeError("boom"));
          },
        });
        await assert.rejects(() => kv.put("key", failing), { name: "RangeError", message: "boom" });
        assert.same(await kv.get("key"), "old", `after ${bytesBefore} bytes`);
      }
    },
  },
  {
    name: "put: exactly 25 MiB are accepted, as a buffer and as a stream",
    async run({ kv, assert }) {
      const value = new Uint8Array(VALUE_BYTES_MAX);
      for (let at = 0; at < value.length; at += 4093) value[at] = at % 256;
      await kv.put("buffer", value);
      assert.same(await kv.get("buffer", "arrayBuffer"), value);
      await kv.put("stream", streamOf(slices(value, 1_000_000)));
      assert.same(await kv.get("stream", "arrayBuffer"), value);
    },
  },
  {
    name: "put: one byte more is refused with the real length, whatever kind of value",
    async run({ kv, assert }) {
      await kv.put("key", "old");
      const tooLarge = (bytes: number) =>
        refusal(
          "PUT",
          413,
          "value_too_large",
          `Value length of ${bytes} exceeds limit of ${VALUE_BYTES_MAX}.`,
        );
      const value = new Uint8Array(VALUE_BYTES_MAX + 1);
      await assert.rejects(() => kv.put("key", value), tooLarge(VALUE_BYTES_MAX + 1));
      await assert.rejects(
        () => kv.put("key", `${"é".repeat(VALUE_BYTES_MAX / 2)}x`),
        tooLarge(VALUE_BYTES_MAX + 1),
      );
      await assert.rejects(
        () => kv.put("key", streamOf([...slices(value, 1_000_000), new Uint8Array(9)])),
        tooLarge(VALUE_BYTES_MAX + 10),
      );
      assert.same(await kv.get("key"), "old");
    },
  },
  {
    name: "put: many writers at once all get through",
    async run({ kv, assert }) {
      const keys = Array.from({ length: 100 }, (_, at) => `key${at}`);
      await Promise.all(keys.map((key) => kv.put(key, `value of ${key}`)));
      for (const key of keys) assert.same(await kv.get(key), `value of ${key}`);
    },
  },
];

function streamOf(parts: readonly (Uint8Array | string)[]): ReadableStream {
  const left = [...parts];
  return new ReadableStream({
    pull(controller) {
      const next = left.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
  });
}

function slices(bytes: Uint8Array, length: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += length) parts.push(bytes.subarray(at, at + length));
  return parts;
}
