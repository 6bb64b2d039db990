import { KvError } from "@kvasir/client/namespace";

interface Kind {
  readonly name: string;
  readonly hint: string;
  /** Where the file has these bytes (Latin-1). @default 0 */
  readonly at?: number;
  readonly bytes: string;
}

const UNPACK = "Unpack it first, or give the file the ending that its tool gives it.";
const NOT_OURS = "Give a file that `kvasir export` wrote, or an array as `wrangler kv bulk put` takes it.";
const LMDB = "Give its folder to `kvasir export --data`, and import what that writes.";
const NOT_UTF8 = "Save it as UTF-8.";

const KINDS: readonly Kind[] = [
  { name: "gzip-compressed data", hint: "Name it with .gz at the end, or unpack it.", bytes: "\x1f\x8b" },
  {
    name: "Zstandard-compressed data",
    hint: "Name it with .zst at the end, or unpack it.",
    bytes: "\x28\xb5\x2f\xfd",
  },
  { name: "bzip2-compressed data", hint: UNPACK, bytes: "BZh" },
  { name: "xz-compressed data", hint: UNPACK, bytes: "\xfd7zXZ\0" },
  { name: "a zip archive", hint: UNPACK, bytes: "PK\x03\x04" },
  { name: "a tar archive", hint: UNPACK, at: 257, bytes: "ustar" },
  { name: "an LMDB data file", hint: LMDB, at: 16, bytes: "\xde\xc0\xef\xbe" },
  // With the page headers of the binding that Kvasir uses.
  { name: "an LMDB data file", hint: LMDB, at: 24, bytes: "\xde\xc0\xef\xbe" },
  { name: "an SQLite database", hint: NOT_OURS, bytes: "SQLite format 3\0" },
  { name: "a dump of Redis or Valkey (RDB)", hint: NOT_OURS, bytes: "REDIS" },
  { name: "a dump of Valkey (RDB)", hint: NOT_OURS, bytes: "VALKEY" },
  { name: "an append-only file of Redis or Valkey", hint: NOT_OURS, bytes: "*2\r\n$6\r\nSELECT" },
  { name: "a PostgreSQL archive", hint: NOT_OURS, bytes: "PGDMP" },
  { name: "a Parquet file", hint: NOT_OURS, bytes: "PAR1" },
  { name: "a PDF", hint: NOT_OURS, bytes: "%PDF-" },
  { name: "a program", hint: NOT_OURS, bytes: "\x7fELF" },
  { name: "UTF-16 text", hint: NOT_UTF8, bytes: "\xff\xfe" },
  { name: "UTF-16 text", hint: NOT_UTF8, bytes: "\xfe\xff" },
];

/** Texts of other tools, by how they begin. */
const TEXTS: readonly { readonly name: string; readonly begins: RegExp; readonly hint?: string }[] = [
  { name: "YAML", begins: /^---\s*\n/ },
  { name: "CSV", begins: /^"?(key|name)"?[,;\t]/i },
  {
    name: "one JSON object over several lines",
    begins: /^\{\s*\n\s*"/,
    hint: "Put each entry on a line of its own, or all in an array. `kvasir kv bulk put` takes what `kv bulk get` prints.",
  },
  {
    name: "SQL",
    begins:
      /^(--|\/\*|pragma\b|begin\b.*;|start transaction\b|create\s+(table|database|schema)\b|insert\s+into\b|drop\s+table\b|set\s+\w+\s*=|use\s+`)/i,
  },
  { name: "XML or HTML", begins: /^<[!?a-z]/i },
];

/**
 * Refuses what is known to be a file of another tool.
 *
 * @param head the first bytes of the file
 * @throws KvError `bad_request` that says what it is
 */
export function refuseForeign(head: Uint8Array): void {
  const latin1 = Buffer.from(head).toString("latin1");
  const kind = KINDS.find(({ at = 0, bytes }) => latin1.startsWith(bytes, at));
  if (kind !== undefined) throw foreign(kind.name, kind.hint);
  const text = latin1.trimStart();
  const known = TEXTS.find(({ begins }) => begins.test(text));
  if (known !== undefined) throw foreign(known.name, known.hint ?? NOT_OURS);
  if (latin1.includes("\0")) throw foreign("binary data", NOT_OURS);
}

function foreign(name: string, hint: string): KvError {
  return new KvError("bad_request", `This is ${name}, not a file of entries.`, { hint });
}
