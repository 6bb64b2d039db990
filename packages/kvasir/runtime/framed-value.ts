/** The types that a value is read as. */
export type ReadType = "text" | "json" | "arrayBuffer" | "stream";

export function isReadType(type: unknown): type is ReadType {
  return type === "text" || type === "json" || type === "arrayBuffer" || type === "stream";
}

/** A value that may be read again and again, as the native binding reads it once. */
export class FramedValue {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #text: string | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  /** @throws SyntaxError */
  decode(type: ReadType): unknown {
    if (type === "text") return this.#decoded();
    if (type === "json") return JSON.parse(this.#decoded());
    // Each reader's own, to change or to hand on.
    const copy = this.#bytes.slice();
    return type === "arrayBuffer" ? copy.buffer : new Response(copy).body;
  }

  #decoded(): string {
    // Workers KV keeps a byte order mark.
    this.#text ??= new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#bytes);
    return this.#text;
  }
}
