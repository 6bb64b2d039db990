import { KvError } from "@kvasir/client";
import { type ParsedTokenInfo, Tokenizer, TokenParser, TokenType } from "@streamparser/json";
import { bodyParts, declaredBytes, isRecord, parseJson, readBody, tooLarge } from "./body.js";
import type { Exchange } from "./exchange.js";
import { BULK_ITEM_TOKENS_MAX, JSON_DEPTH_MAX, JSON_ONE_PIECE_BYTES_MAX } from "./limits.js";

export interface JsonArrayBounds {
  readonly bytesMax: number;
  readonly itemsMax: number;
  /** The error for more items than that; `count` is a lower bound. */
  tooMany(count: number): KvError;
}

/**
 * Reads a body that is a JSON array, and hands each item to `take` as soon as it is complete: a body of 100 MB
 * is never one text, nor one tree of objects.
 *
 * @throws KvError `bad_request`, `payload_too_large`, what `tooMany` makes, and what `take` throws
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
  let items = 0;
  const parser = new ArrayParser((item) => {
    if (++items > itemsMax) throw tooMany(items);
    take(item);
  });
  let bytes = 0;
  for await (const part of bodyParts(exchange)) {
    bytes += part.byteLength;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    parser.write(part);
  }
  parser.end();
}

/** An incremental parser of one array, with bounds on what a single item may make it hold. */
class ArrayParser {
  readonly #tokenizer = new Tokenizer({ stringBufferSize: 65_536 });
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #depth = 0;
  #itemTokens = 0;
  #started = false;

  constructor(take: (item: unknown) => void) {
    const parser = new TokenParser({ paths: ["$.*"], keepStack: false });
    parser.onError = rethrow;
    parser.onValue = ({ value }) => {
      this.#itemTokens = 0;
      take(value);
    };
    this.#tokenizer.onError = rethrow;
    this.#tokenizer.onToken = (token) => {
      this.#check(token);
      parser.write(token);
    };
  }

  write(part: Uint8Array): void {
    try {
      // The tokenizer takes malformed UTF-8 for U+FFFD; a value must not change silently.
      this.#utf8.decode(part, { stream: true });
      this.#tokenizer.write(part);
    } catch (error) {
      throw error instanceof KvError ? error : malformed(error);
    }
  }

  end(): void {
    try {
      this.#utf8.decode();
      if (!this.#tokenizer.isEnded) this.#tokenizer.end();
    } catch (error) {
      throw malformed(error);
    }
    if (this.#depth !== 0 || !this.#started) throw malformed(new Error("Unexpected end"));
  }

  #check({ token }: ParsedTokenInfo): void {
    if (!this.#started && token !== TokenType.LEFT_BRACKET) throw noArray();
    this.#started = true;
    if (token === TokenType.LEFT_BRACKET || token === TokenType.LEFT_BRACE) this.#depth++;
    if (token === TokenType.RIGHT_BRACKET || token === TokenType.RIGHT_BRACE) this.#depth--;
    if (this.#depth > JSON_DEPTH_MAX || ++this.#itemTokens > BULK_ITEM_TOKENS_MAX) {
      throw new KvError(
        "bad_request",
        "An item of the request body is nested too deep or has too many parts",
      );
    }
  }
}

/** The items of a body that has to be an array of objects. @throws KvError `bad_request` */
export function asRecord(item: unknown): Record<string, unknown> {
  if (isRecord(item)) return item;
  throw new KvError("bad_request", "Each item of the request body must be a JSON object");
}

function rethrow(error: Error): never {
  throw error;
}

function noArray(): KvError {
  return new KvError("bad_request", "The request body must be a JSON array");
}

function malformed(cause: unknown): KvError {
  return new KvError("bad_request", "Could not parse the request body as JSON", { cause });
}
