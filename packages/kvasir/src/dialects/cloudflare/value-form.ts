import { Busboy, type BusboyInstance } from "@fastify/busboy";
import { KvError, METADATA_BYTES_MAX, VALUE_BYTES_MAX } from "@kvasir/client/namespace";
import type { ApiExchange } from "../../api/api-exchange.js";
import { declaredBytes } from "../../http/body.js";
import { tooLarge } from "../../http/body-errors.js";
import { followCallbacks, rejecting } from "../../http/callbacks.js";
import {
  MULTIPART_FIELD_BYTES_MAX,
  MULTIPART_OVERHEAD_BYTES_MAX,
  MULTIPART_PARTS_MAX,
  SHORT_FORM_BYTES_MAX,
} from "../../http/limits.js";
import { joinFlattenedMetadata, type MetadataField } from "./flattened-metadata.js";

/** Largest multipart body, in bytes: a value and the parts around it. */
const FORM_BYTES_MAX = VALUE_BYTES_MAX + MULTIPART_OVERHEAD_BYTES_MAX;
/** How much of an unknown field's name an error shows, in UTF-16 units. */
const NAME_SHOWN_MAX = 64;
/** `metadata`, `metadata[a][b]`, `metadata.a.b`. */
const METADATA_FIELD = /^metadata($|[.[])/;

/** A value and its metadata from a `multipart/form-data` body. */
export interface ValueForm {
  /** Can be read once. Releases each part as it is consumed. */
  readonly value: AsyncIterable<Uint8Array>;
  /** JSON text. */
  readonly metadata: string | undefined;
}

/**
 * Reads a form with the parts `value` and, optionally, `metadata`. Cloudflare's own SDKs send metadata that is
 * an object as flattened parts, which are put together again.
 *
 * @throws KvError `bad_request` for a malformed or truncated form or an unknown part, `value_too_large`, `metadata_too_large`
 */
export async function readValueForm(exchange: ApiExchange): Promise<ValueForm> {
  if ((declaredBytes(exchange) ?? 0) > FORM_BYTES_MAX) throw tooLarge(FORM_BYTES_MAX);
  return followCallbacks(() => readForm(exchange));
}

async function readForm(exchange: ApiExchange): Promise<ValueForm> {
  const collector = new FormCollector();
  const form = parserFor(exchange);
  const finished = new Promise<void>((resolve, reject) => {
    form.on("finish", resolve);
    form.on("error", (cause) => reject(malformed(cause)));
    for (const limit of ["partsLimit", "fieldsLimit", "filesLimit"] as const) {
      form.on(limit, () => reject(malformed(`More than ${MULTIPART_PARTS_MAX} parts`)));
    }
    form.on("file", (name, stream) => {
      stream.on("error", (cause: unknown) => reject(malformed(cause)));
      collector.addFile(name, stream);
    });
    form.on(
      "field",
      rejecting(reject, (name: string | undefined, value, nameTruncated, valueTruncated) =>
        collector.addField(name, value, nameTruncated || valueTruncated),
      ),
    );
  });
  // The first failure is reported. The other one must not count as unhandled.
  finished.catch(() => {});
  let bytes = 0;
  for await (const part of exchange.bodyParts()) {
    bytes += part.byteLength;
    if (bytes > FORM_BYTES_MAX) throw tooLarge(FORM_BYTES_MAX);
    if (part.byteLength > SHORT_FORM_BYTES_MAX) await exchange.turn();
    form.write(part);
    if (form.destroyed) break;
  }
  form.end();
  await finished;
  return collector.result();
}

class FormCollector {
  readonly #value: Buffer[] = [];
  readonly #metadata: MetadataField[] = [];
  #valueBytes = 0;
  #values = 0;
  #truncated = false;
  #unknown: string | undefined;

  addFile(name: string, stream: NodeJS.ReadableStream): void {
    if (name !== "value" || ++this.#values > 1) {
      stream.resume();
      if (name !== "value") this.#unknown ??= name;
      return;
    }
    stream.on("data", (part: Buffer) => {
      this.#valueBytes += part.byteLength;
      if (this.#valueBytes <= VALUE_BYTES_MAX) this.#value.push(part);
    });
  }

  /** @throws KvError `bad_request` for a part without a name */
  addField(name: string | undefined, value: string, truncated: boolean): void {
    if (name === undefined) throw malformed("A part has no name");
    if (!METADATA_FIELD.test(name)) {
      this.#unknown ??= name;
      return;
    }
    this.#truncated ||= truncated;
    this.#metadata.push([name, value]);
  }

  result(): ValueForm {
    if (this.#values === 0) throw new KvError("bad_request", "Missing value field");
    if (this.#values > 1) throw new KvError("bad_request", "More than one value field");
    if (this.#unknown !== undefined) {
      throw new KvError(
        "bad_request",
        `Unknown field ${JSON.stringify(this.#unknown.slice(0, NAME_SHOWN_MAX))}`,
        {
          hint: "Send the fields `value` and `metadata` only.",
        },
      );
    }
    if (this.#truncated) {
      throw new KvError(
        "metadata_too_large",
        `Metadata length of more than ${MULTIPART_FIELD_BYTES_MAX} exceeds limit of ${METADATA_BYTES_MAX}.`,
      );
    }
    const metadata = metadataOf(this.#metadata);
    if (this.#valueBytes > VALUE_BYTES_MAX) {
      throw new KvError(
        "value_too_large",
        `Value length of ${this.#valueBytes} exceeds limit of ${VALUE_BYTES_MAX}.`,
      );
    }
    return { value: taken(this.#value), metadata };
  }
}

async function* taken(parts: Buffer[]): AsyncGenerator<Uint8Array, void> {
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) yield part;
}

function metadataOf(fields: readonly MetadataField[]): string | undefined {
  if (fields.length === 0) return undefined;
  const whole = fields.find(([name]) => name === "metadata");
  if (whole !== undefined) return whole[1];
  return joinFlattenedMetadata(fields);
}

function parserFor({ request }: ApiExchange): BusboyInstance {
  try {
    return new Busboy({
      headers: { ...request.headers, "content-type": request.headers["content-type"] ?? "" },
      // The value is always read as bytes, whether or not its part has a file name.
      isPartAFile: (name) => name === "value",
      limits: {
        parts: MULTIPART_PARTS_MAX,
        fields: MULTIPART_PARTS_MAX,
        fieldNameSize: 4096,
        fieldSize: MULTIPART_FIELD_BYTES_MAX,
        headerPairs: 32,
        headerSize: 8192,
      },
    });
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause: unknown): KvError {
  const why = cause instanceof Error ? cause.message : typeof cause === "string" ? cause : undefined;
  return new KvError("bad_request", "Could not parse the multipart body", {
    cause,
    hint: why === undefined ? undefined : `${why.replace(/[^\x20-\x7e]/g, "?").slice(0, 200)}.`,
  });
}
