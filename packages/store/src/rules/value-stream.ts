import type { Entry } from "../store/entry.js";

/** Returns a value as a stream of bytes that reads a part when the reader asks for it. */
export function streamOf(value: Entry["value"]): ReadableStream<Uint8Array> {
  const parts = value instanceof Uint8Array ? [value] : value.parts();
  const iterator = Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts[Symbol.iterator]();
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      let next = await iterator.next();
      // Skips empty parts: the reader waits for bytes or the end, and would not pull again after an empty
      // part.
      while (!next.done && next.value.byteLength === 0) next = await iterator.next();
      if (next.done) {
        controller.close();
        // A reader that passed its own buffer waits for a response to that request.
        controller.byobRequest?.respond(0);
      } else {
        // A byte stream detaches the memory of its chunk, and a part's memory may be shared.
        controller.enqueue(new Uint8Array(next.value));
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
