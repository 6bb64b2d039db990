import { byteChunks } from "../namespace/byte-chunks.js";
import type { Body } from "./requester.js";

/** A streamed value on its way into a request. */
export interface ValueBody {
  readonly body: Body;
  /** Whether the body is still a stream. */
  readonly streams: boolean;
  /** Rethrows what the stream itself failed with, which `fetch` would hide in an error of its own. */
  throwOwn(): void;
}

/** Sent as it comes where the runtime can do that; browsers cannot (over HTTP/1.1), there it is gathered. */
export async function valueBody(stream: ReadableStream<Uint8Array>): Promise<ValueBody> {
  const chunks = byteChunks(stream);
  let own: { readonly error: unknown } | undefined;
  const throwOwn = () => {
    if (own) throw own.error;
  };
  if (isBrowser()) {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of chunks) parts.push(new Uint8Array(chunk));
    return { body: new Blob(parts), streams: false, throwOwn };
  }
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      } catch (error) {
        own = { error };
        controller.error(error);
      }
    },
    async cancel() {
      await chunks.return();
    },
  });
  return { body, streams: true, throwOwn };
}

function isBrowser(): boolean {
  return /^Mozilla/.test((globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent ?? "");
}
