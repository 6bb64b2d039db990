import { type EntryFormat, encodeEntry, type PortableEntry, type ReadItem, readItems } from "@kvasir/store";
import fc from "fast-check";
import { expect, test } from "vitest";

const NOW_MS = 1_700_000_000_000;

const text = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
const entries = fc.array(
  fc.record({
    key: fc.oneof(text, fc.constantFrom("\ufeffkey", "__proto__", "kvasir_export", "a\u2028b", "1")),
    value: fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .oneof(text, fc.constantFrom("", "\ufeff", "\r\n", "\0".repeat(9000)))
        .map((value) => Buffer.from(value)),
    ),
    expirationMs: fc.option(fc.integer({ min: NOW_MS - 10_000, max: 253_402_300_799_999 })),
    metadata: fc.option(fc.json({ maxDepth: 3 }).filter((json) => json.length < 300)),
    contentType: fc.option(fc.constantFrom("text/plain; charset=utf-8", "", "x/\xe9")),
  }),
  { maxLength: 20 },
);

/** What a store makes of it. */
function stored({ metadata, value, ...entry }: PortableEntry): object {
  const compact = metadata === null ? null : JSON.stringify(JSON.parse(metadata));
  return { ...entry, value: Buffer.from(value).toString("hex"), metadata: compact };
}

async function read(file: string, pieceBytes: number): Promise<readonly ReadItem[]> {
  const bytes = Buffer.from(file);
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) =>
    bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  );
  const items: ReadItem[] = [];
  for await (const batch of readItems(pieces, { nowMs: () => NOW_MS })) items.push(...batch);
  return items;
}

function fileOf(all: readonly PortableEntry[], format: EntryFormat, breaks: string): string {
  const texts = all.map((entry) => encodeEntry(entry, format));
  return format === "jsonl" ? texts.join(breaks) : `[${breaks}${texts.join(`,${breaks}`)}${breaks}]`;
}

test.each(["jsonl", "json"] as const)(
  "whatever can be stored comes back equal through %s",
  async (format) => {
    await fc.assert(
      fc.asyncProperty(
        entries,
        fc.constantFrom("\n", "\r\n", "\n\n", "\n \t\r\n"),
        fc.constantFrom(1, 7, 100, 65_536),
        async (all, breaks, pieceBytes) => {
          const items = await read(fileOf(all, format, breaks), pieceBytes);
          const expected = all.map((entry) => {
            const expirationMs =
              format === "json" && entry.expirationMs !== null
                ? Math.floor(entry.expirationMs / 1000) * 1000
                : entry.expirationMs;
            return stored({ ...entry, expirationMs });
          });
          expect(items.map((item) => (item.type === "entry" ? stored(item.entry) : item))).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  },
);
