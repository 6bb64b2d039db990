import { KvError } from "@kvasir/client/namespace";
import type { Entry, LargeValue, MaybePromise, Namespace } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Route } from "../../api/route.js";
import { ANSWER_CHUNK_BYTES, ONE_PIECE_BYTES_MAX } from "../../http/limits.js";
import { queryParams } from "../../http/query.js";
import { READ_BATCH_PATH } from "../../wire/names.js";
import {
  READ_BATCH_BYTES_MAX,
  READ_BATCH_KEYS_MAX,
  READ_BATCH_VALUE_BYTES_MAX,
} from "../../wire/read-batch-limits.js";
import { FRAME_ALONE, FRAME_MISSING, frameHead } from "../../wire/read-frames.js";

/** `undefined` means that the key must be read by itself. */
type Found = Entry | null | undefined;

/**
 * Carries the reads that a Worker starts in one turn as one request. An error for one key does not affect the
 * other keys.
 */
export function readBatchRoute(context: ApiContext): Route {
  return {
    method: "GET",
    path: READ_BATCH_PATH,
    operation: "functionsReadBatch",
    access: "read",
    describe: {
      summary: "Read several keys, each as if it were read by itself",
      parameters: [
        {
          name: "key",
          description: "Once for each key.",
          schema: { type: "array", items: { type: "string" }, minItems: 1, maxItems: READ_BATCH_KEYS_MAX },
        },
      ],
      answer: {
        description: "One frame for each key, in order",
        content: { "application/octet-stream": { type: "string", format: "binary" } },
      },
    },
    handle(exchange) {
      const keys = queryParams(exchange.query, "key");
      if (keys.length === 0 || keys.length > READ_BATCH_KEYS_MAX) {
        throw new KvError("bad_request", `A batch reads 1 to ${READ_BATCH_KEYS_MAX} keys`);
      }
      const namespace = context.namespace(exchange.matched.namespaceId);
      const found = keys.map((key) => find(namespace, key));
      return found.some((entry) => entry instanceof Promise)
        ? Promise.all(found).then((entries) => send(exchange, entries))
        : send(exchange, found as Found[]);
    },
  };
}

function find(namespace: Namespace, key: string): MaybePromise<Found> {
  try {
    const entry = namespace.read(key);
    return entry instanceof Promise ? entry.catch(refused) : entry;
  } catch (error) {
    return refused(error);
  }
}

/** The reader reads the key again by itself and then gets the error in the form that it expects. */
function refused(error: unknown): undefined {
  if (!(error instanceof KvError)) throw error;
}

type Piece = Uint8Array | LargeValue;

function send(exchange: ApiExchange, found: readonly Found[]): MaybePromise<void> {
  const pieces: Piece[] = [];
  let valueBytes = 0;
  for (const entry of found) {
    if (entry === null) {
      pieces.push(Uint8Array.of(FRAME_MISSING));
    } else if (entry === undefined || !fits(entry.value, valueBytes)) {
      pieces.push(Uint8Array.of(FRAME_ALONE));
    } else {
      valueBytes += entry.value.byteLength;
      pieces.push(frameHead(entry), entry.value);
    }
  }
  const headers = ["Content-Type", "application/octet-stream"];
  const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes <= ONE_PIECE_BYTES_MAX && pieces.every((piece) => piece instanceof Uint8Array)) {
    return exchange.send(200, headers, Buffer.concat(pieces, bytes));
  }
  headers.push("Content-Length", String(bytes));
  return exchange.sendParts(200, headers, chunks(pieces));
}

function fits({ byteLength }: Entry["value"], valueBytes: number): boolean {
  return byteLength <= READ_BATCH_VALUE_BYTES_MAX && valueBytes + byteLength <= READ_BATCH_BYTES_MAX;
}

/**
 * Sends small pieces together with what follows them: a write for each frame's head would cost more than the
 * frame.
 */
async function* chunks(pieces: Iterable<Piece>): AsyncGenerator<Uint8Array, void> {
  let chunk: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of parts(pieces)) {
    chunk.push(part);
    bytes += part.byteLength;
    if (bytes < ANSWER_CHUNK_BYTES) continue;
    yield Buffer.concat(chunk, bytes);
    chunk = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(chunk, bytes);
}

async function* parts(pieces: Iterable<Piece>): AsyncGenerator<Uint8Array, void> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece;
    else yield* piece.parts();
  }
}
