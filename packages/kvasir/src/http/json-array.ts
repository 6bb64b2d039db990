import { KvError } from "@kvasir/client/namespace";
import { declaredBytes, isRecord, parseJson, readBody } from "./body.js";
import { noArray, tooLarge } from "./body-errors.js";
import type { Exchange } from "./exchange.js";
import { JSON_ONE_PIECE_BYTES_MAX } from "./limits.js";

export interface JsonArrayBounds {
  readonly bytesMax: number;
  readonly itemsMax: number;
  /** The error for too many items. `count` is a lower bound. */
  tooMany(count: number): KvError;
}

/**
 * Reads a body that is a JSON array, and passes each item to `take` as soon as it is complete. So a body of
 * 100 MB is never in memory as one text or one tree of objects.
 *
 * @throws KvError `bad_request`, `payload_too_large`, the error from `tooMany`, and what `take` throws
 */
export async function readJsonArray(
  exchange: Exchange,
  { bytesMax, itemsMax, tooMany }: JsonArrayBounds,
  take: (item: unknown) => void,
): Promise<void> {
  const declared = declaredBytes(exchange);
  if (declared !== undefined && declared <= JSON_ONE_PIECE_BYTES_MAX) {
    const array = parseJson(await readBody(exchange, declared));
    if (!Array.isArray(array)) throw noArray();
    if (array.length > itemsMax) throw tooMany(array.length);
    array.forEach(take);
    return;
  }
  if (declared !== undefined && declared > bytesMax) throw tooLarge(bytesMax);
  // Loaded with the first large body, so that the server is ready sooner.
  const { JsonArrayParser } = await import("./json-array-parser.js");
  let items = 0;
  const parser = new JsonArrayParser((item) => {
    if (++items > itemsMax) throw tooMany(items);
    take(item);
  });
  let bytes = 0;
  for await (const part of exchange.bodyParts()) {
    bytes += part.byteLength;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    parser.write(part);
  }
  parser.end();
}

/** An item of an array that must contain objects. @throws KvError `bad_request` */
export function asRecord(item: unknown): Record<string, unknown> {
  if (isRecord(item)) return item;
  throw new KvError("bad_request", "Each item of the request body must be a JSON object");
}
