import type { NamespaceRecord } from "../store/namespaces.js";
import { type EntryFormat, encodeEntry, encodeHeader, encodeInPieces } from "./encode-entry.js";
import type { EntrySource, ReadEntriesOptions } from "./entry-source.js";
import { EXPORT_CHUNK_LENGTH } from "./limits.js";
import type { PortableEntry } from "./portable-entry.js";

export interface EncodeEntriesOptions extends Omit<ReadEntriesOptions, "after"> {
  /** `after` is for exports in parts. */
  readonly after?: string | undefined;
  /** @default "jsonl" */
  readonly format?: EntryFormat | undefined;
  /** Written into the first line of `jsonl`, with the time of the export. @default no such line */
  readonly header?: { readonly namespace: NamespaceHeaderFields; readonly nowMs: number } | undefined;
  /** Called with each batch that has been encoded. */
  readonly onBatch?: ((batch: readonly PortableEntry[]) => void) | undefined;
}

type NamespaceHeaderFields = Pick<NamespaceRecord, "id" | "title" | "attributes">;

/** The entries of a source as the chunks of a file. A chunk is read when the one before has been taken. */
export async function* encodeEntries(
  source: EntrySource,
  { format = "jsonl", header, onBatch, ...query }: EncodeEntriesOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const isArray = format === "json";
  let text = isArray ? "[" : header === undefined ? "" : `${encodeHeader(header.namespace, header.nowMs)}\n`;
  let separator = isArray ? "\n" : "";
  for await (const batch of source.read(query)) {
    for (const entry of batch) {
      text += separator;
      if (entry.value.byteLength <= EXPORT_CHUNK_LENGTH) text += encodeEntry(entry, format);
      else {
        for (const piece of encodeInPieces(entry, format)) {
          text += piece;
          if (text.length < EXPORT_CHUNK_LENGTH) continue;
          yield Buffer.from(text);
          text = "";
        }
      }
      if (isArray) separator = ",\n";
      else text += "\n";
      if (text.length < EXPORT_CHUNK_LENGTH) continue;
      yield Buffer.from(text);
      text = "";
    }
    onBatch?.(batch);
  }
  text += isArray ? "\n]\n" : "";
  if (text !== "") yield Buffer.from(text);
}
