import { KvError } from "@kvasir/client/namespace";
import { type ParsedTokenInfo, Tokenizer, TokenParser, TokenType } from "@streamparser/json";
import { noArray } from "./body-errors.js";
import { BULK_ITEM_TOKENS_MAX, JSON_DEPTH_MAX } from "./limits.js";

/** An incremental parser of one array, with bounds on the memory that a single item may take. */
export class JsonArrayParser {
  readonly #tokenizer = new Tokenizer({ stringBufferSize: 65_536 });
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #depth = 0;
  #itemTokens = 0;
  #started = false;

  constructor(take: (item: unknown) => void) {
    keepByteOrderMarks(this.#tokenizer);
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
      // The tokenizer turns malformed UTF-8 into U+FFFD, but a value must not change silently.
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

/**
 * The tokenizer decodes each string with a decoder that drops a leading U+FEFF, which is a character of the key
 * or value like any other. It has no option for that. Its test fails if the private field gets another name.
 */
function keepByteOrderMarks(tokenizer: Tokenizer): void {
  const { bufferedString } = tokenizer as unknown as { readonly bufferedString: { decoder: unknown } };
  bufferedString.decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
}

function rethrow(error: Error): never {
  throw error;
}

function malformed(cause: unknown): KvError {
  return new KvError("bad_request", "Could not parse the request body as JSON", { cause });
}
