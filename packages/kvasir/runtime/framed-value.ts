/** The types of a read. */
export type ReadType = "text" | "json" | "arrayBuffer" | "stream";

export function isReadType(type: unknown): type is ReadType {
  return type === "text" || type === "json" || type === "arrayBuffer" || type === "stream";
}

/** A value that can be decoded repeatedly. Decoding matches the native binding. */
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
    // A copy for each reader, who may change it or transfer it.
    const copy = this.#bytes.slice();
    return type === "arrayBuffer" ? copy.buffer : new Response(copy).body;
  }

  #decoded(): string {
    // Workers KV keeps a byte order mark.
    this.#text ??= new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#bytes);
    return this.#text;
  }
}
