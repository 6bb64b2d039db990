import qs from "qs";
import { BODY_BYTES_MAX, PARAMETERS_MAX } from "./limits.js";
import { essence } from "./media-type.js";

/** A body that is rejected before the function is called. */
export class BodyError extends Error {
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Parses the body by its media type. JSON (objects and arrays) and forms become objects, texts become
 * strings. A missing body or any other type becomes `{}`.
 *
 * @throws BodyError
 */
export async function parseBody(request: Request): Promise<unknown> {
  const type = essence(request.headers.get("Content-Type"));
  const isJson = type === "application/json" || type.endsWith("+json");
  const isForm = type === "application/x-www-form-urlencoded";
  if (request.body === null || !(isJson || isForm || type.startsWith("text/"))) return {};
  const text = await readText(request.body);
  if (isForm) return parseForm(text);
  if (!isJson) return text;
  return text === "" ? {} : parseJson(text);
}

/** Parses a query string or form. Nested brackets and repeated names become objects and arrays. */
export function parseForm(text: string): Record<string, unknown> {
  return qs.parse(text, { parameterLimit: PARAMETERS_MAX, arrayLimit: PARAMETERS_MAX });
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BodyError(400, `The body is not JSON: ${(error as Error).message}`);
  }
  if (typeof value === "object" && value !== null) return value;
  throw new BodyError(400, "The body must be a JSON object or array.");
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX)
      throw new BodyError(413, `The body exceeds the limit of ${BODY_BYTES_MAX} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
