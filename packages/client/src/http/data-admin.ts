import type { CheckReport, DataAdmin, DataSnapshot } from "../namespace/data-admin.js";
import { KvError, type KvErrorCode } from "../namespace/errors.js";
import { CHECK_REPORT_LENGTH_MAX } from "./limits.js";
import type { Requester } from "./requester.js";
import { BACKUP_PATH, CHECK_PATH, SNAPSHOT_HEADERS } from "./wire-names.js";

/** The data of a server as a whole. Needs a token with the scope `admin` that is bound to no namespace. */
export class HttpData implements DataAdmin {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  async snapshot(): Promise<DataSnapshot> {
    const controller = new AbortController();
    const { response, settle } = await this.#requester.send(BACKUP_PATH, {
      safe: true,
      signal: controller.signal,
    });
    // How long the data take is up to how many there are.
    settle();
    const { headers, body } = response;
    const [byteLength, atMs, format] = [
      SNAPSHOT_HEADERS.bytes,
      SNAPSHOT_HEADERS.at,
      SNAPSHOT_HEADERS.format,
    ].map((name) => Number(headers.get(name) ?? Number.NaN)) as [number, number, number];
    if (body === null || ![byteLength, atMs, format].every(Number.isSafeInteger)) {
      controller.abort();
      throw new KvError("internal", "The server's answer is not a backup", {
        hint: "Is the URL that of Kvasir's API?",
      });
    }
    return {
      byteLength,
      atMs,
      format,
      position: headers.get(SNAPSHOT_HEADERS.position) ?? "",
      chunks: () => wholeBody(body, byteLength),
      release: () => controller.abort(),
    };
  }

  async check(): Promise<CheckReport> {
    const { response, settle } = await this.#requester.send(CHECK_PATH, { safe: true });
    settle();
    const outcome = await lastLine(response);
    if ("report" in outcome) return outcome.report;
    const { code = "internal", message = "The server could not check its data", hint } = outcome.error;
    throw new KvError(code, message, { hint });
  }
}

/** The last line of a check's response. The lines before are empty: they keep the connection in use. */
export type CheckOutcomeLine =
  | { readonly report: CheckReport }
  | { readonly error: { readonly code?: KvErrorCode; readonly message?: string; readonly hint?: string } };

async function* wholeBody(body: ReadableStream<Uint8Array>, byteLength: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    // Not every runtime's types know that streams can be iterated.
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw cutError(bytes, byteLength, cause);
  }
  if (bytes !== byteLength) throw cutError(bytes, byteLength);
}

async function lastLine(response: Response): Promise<CheckOutcomeLine> {
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text = (text + decoder.decode(chunk, { stream: true })).trimStart();
      if (text.length > CHECK_REPORT_LENGTH_MAX) break;
    }
    return JSON.parse(text) as CheckOutcomeLine;
  } catch (cause) {
    throw new KvError("unavailable", "The server's report was cut off", {
      hint: "Its log may say why. Try again.",
      cause,
    });
  }
}

function cutError(bytes: number, expected: number, cause?: unknown): KvError {
  return new KvError("unavailable", `The server ended the connection after ${bytes} of ${expected} bytes.`, {
    hint: "Its log may say why. Try again.",
    cause,
  });
}
