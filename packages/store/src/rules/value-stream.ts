import type { Entry } from "../store/entry.js";

/** A value as a stream of bytes that reads part by part, as the reader asks for them. */
export function streamOf(value: Entry["value"]): ReadableStream<Uint8Array> {
  const parts = value instanceof Uint8Array ? [value] : value.parts();
  const iterator = Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts[Symbol.iterator]();
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      let next = await iterator.next();
      // Whoever pulled waits for bytes or the end: after an empty part nobody would pull again.
      while (!next.done && next.value.byteLength === 0) next = await iterator.next();
      if (next.done) {
        controller.close();
        // A reader that brought its own buffer waits for an answer to that very request.
        controller.byobRequest?.respond(0);
      } else {
        // A byte stream takes its chunk's memory away from it, and a part may lie in memory that others share.
        controller.enqueue(new Uint8Array(next.value));
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
