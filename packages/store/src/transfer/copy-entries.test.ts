import { KvError } from "@kvasir/client/namespace";
import { describe, expect, test } from "vitest";
import { type CopiedBatch, copyEntries } from "./copy-entries.js";
import type { EntrySink } from "./entry-sink.js";
import type { EntrySource } from "./entry-source.js";
import type { PortableEntry } from "./portable-entry.js";

const entry = (key: string): PortableEntry => ({
  key,
  value: Buffer.from(key),
  expirationMs: null,
  metadata: null,
  contentType: null,
});

/** Yields batches of two keys. */
function sourceOf(...keys: readonly string[]): EntrySource {
  return {
    async *read() {
      for (let at = 0; at < keys.length; at += 2) yield keys.slice(at, at + 2).map(entry);
    },
  };
}

/** Its writes end when the test says so. */
function sink() {
  const writes: { readonly keys: readonly string[]; end(): void; fail(error: Error): void }[] = [];
  const target: EntrySink = {
    write: (entries) =>
      new Promise((resolve, reject) => {
        const written = entries.length;
        const bytes = entries.reduce((sum, { value }) => sum + value.byteLength, 0);
        writes.push({
          keys: entries.map(({ key }) => key),
          end: () => resolve({ written, bytes, skipped: 0, expired: 0, refused: [] }),
          fail: reject,
        });
      }),
  };
  return { target, writes };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("copyEntries", () => {
  test("writes a bounded number of batches at once, and reports them in the order of the keys", async () => {
    const { target, writes } = sink();
    const reported: string[] = [];
    const onBatch = ({ entries, totals }: CopiedBatch) => {
      reported.push(`${entries.at(-1)?.key} ${totals.entries}`);
    };
    const copying = copyEntries(sourceOf("a", "b", "c", "d", "e", "f"), target, {
      batchesInFlight: 2,
      onBatch,
    });
    await turn();
    expect(writes.map(({ keys }) => keys.join(""))).toEqual(["ab", "cd"]);
    writes[1]?.end();
    await turn();
    expect(reported).toEqual([]);
    writes[0]?.end();
    await turn();
    expect(reported).toEqual(["b 2", "d 4"]);
    writes[2]?.end();
    expect(await copying).toEqual({
      entries: 6,
      written: 6,
      bytes: 6,
      skipped: 0,
      expired: 0,
      refused: 0,
      stoppedAt: null,
    });
  });

  test("puts batches together, and adds to what was copied before", async () => {
    const { target, writes } = sink();
    const before = { entries: 10, written: 9, bytes: 90, skipped: 1, expired: 0, refused: 0 };
    const copying = copyEntries(sourceOf("a", "b", "c", "d"), target, { batchEntries: 3, totals: before });
    await turn();
    expect(writes.map(({ keys }) => keys.join(""))).toEqual(["abc", "d"]);
    for (const write of writes) write.end();
    expect(await copying).toMatchObject({ entries: 14, written: 13, bytes: 94, skipped: 1 });
  });

  test("rejects with the error of a write once the other writes have ended", async () => {
    const { target, writes } = sink();
    let ended = false;
    const copying = copyEntries(sourceOf("a", "b", "c", "d", "e"), target).catch((error: Error) => {
      ended = true;
      return error.message;
    });
    await turn();
    writes[0]?.fail(new Error("full"));
    await turn();
    expect(ended).toBe(false);
    writes[1]?.end();
    expect(await copying).toBe("full");
    expect(writes).toHaveLength(2);
  });

  test("ends at a key that is there already", async () => {
    const writes: string[] = [];
    const target: EntrySink = {
      async write(entries) {
        writes.push(entries.map(({ key }) => key).join(""));
        const refused = entries.flatMap(({ key }, index) =>
          key === "d" ? [{ index, error: new KvError("condition_failed", "there") }] : [],
        );
        return { written: entries.length - refused.length, bytes: 0, skipped: 0, expired: 0, refused };
      },
    };
    const copied = await copyEntries(sourceOf("a", "b", "c", "d", "e", "f"), target, { batchesInFlight: 1 });
    expect(copied).toMatchObject({ stoppedAt: "d", written: 3, refused: 1 });
    expect(writes).toEqual(["ab", "cd"]);
  });
});
