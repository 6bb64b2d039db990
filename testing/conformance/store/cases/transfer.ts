import {
  exportNamespace,
  exportNamespaces,
  importEntries,
  namespaceSink,
  namespaceSource,
  type PortableEntry,
  type ReadEntriesOptions,
  type RefusedItem,
} from "@kvasir/store";
import { describe, expect, test } from "vitest";
import {
  input,
  NAMESPACE,
  patternBytes,
  type StoreCase,
  type StoreUnderTest,
  testWhen,
  useStore,
} from "../store-case.js";

const OTHER = "cafe0000000000000000000000000001";

/** In no order of keys. Expiry has milliseconds, as other dialects than Workers KV may store. */
function entriesAt(nowMs: number): readonly PortableEntry[] {
  return [
    { ...input("last"), key: "\uffff" },
    { ...input(patternBytes(300_000)), key: "large" },
    { ...input(Buffer.of(0xff, 0, 0xfe)), key: "bytes", metadata: '{"a":[1,null]}' },
    { ...input("\ufeff\r\n"), key: "\ufefftext", expirationMs: nowMs + 3_600_234, contentType: "text/plain" },
    { ...input(""), key: "a\u0000", metadata: "null" },
    { ...input("emoji"), key: "🦊" },
  ].map((entry) => ({ ...entry, value: Buffer.from(entry.value as Uint8Array) }));
}

const inOrder = (entries: readonly PortableEntry[]) =>
  [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));

/** Comparing bytes one by one takes seconds. */
function comparable({ value, ...entry }: PortableEntry) {
  return { ...entry, value: Buffer.from(value).toString("latin1") };
}

async function allOf({ store }: StoreCase, id: string) {
  const all: PortableEntry[] = [];
  for await (const batch of namespaceSource(store, id).read()) all.push(...batch);
  return all.map(comparable);
}

async function fileOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

export function transferCases(under: StoreUnderTest): void {
  describe("export and import", () => {
    const opened = useStore(under);
    const whenStrong = testWhen(under, "strong");

    async function filled(): Promise<StoreCase> {
      const opening = opened();
      const { store, clock, settle } = opening;
      await store.namespaces.create({ id: OTHER, title: "Other", attributes: { value_encoding: "raw" } });
      const report = await namespaceSink(store, NAMESPACE, { clock }).write(entriesAt(clock.nowMs()));
      expect(report).toEqual({ written: 6, bytes: 300_017, skipped: 0, expired: 0, refused: [] });
      await settle();
      return opening;
    }

    test("entries come back equal, in the order of their keys", async () => {
      const { store, clock, settle } = await filled();
      const expected = await allOf(opened(), NAMESPACE);
      if (under.supports.strong) expect(expected).toEqual(inOrder(entriesAt(clock.nowMs())).map(comparable));
      else expect(expected).toHaveLength(6);
      const file = await fileOf(exportNamespace({ store, clock }, NAMESPACE));
      const report = await importEntries({ store, clock }, [file], { namespace: OTHER });
      expect(report).toMatchObject({ entries: 6, bytes: 300_017, refused: 0, skipped: 0, expired: 0 });
      await settle();
      expect(await allOf(opened(), OTHER)).toEqual(expected);
    });

    test("a source reads a prefix, behind a key, up to a limit", async () => {
      const { store } = await filled();
      const keys = async (options: ReadEntriesOptions) => {
        const all: string[] = [];
        for await (const batch of namespaceSource(store, NAMESPACE).read(options)) {
          all.push(...batch.map(({ key }) => key));
        }
        return all;
      };
      expect(await keys({ after: "a\u0000", limit: 2 })).toEqual(["bytes", "large"]);
      expect(await keys({ prefix: "la" })).toEqual(["large"]);
    });

    whenStrong("skip keeps what is there, fail stops at it, overwrite replaces it", async () => {
      const { store, clock, text, settle } = await filled();
      const lines = '{"key":"new","value":"1"}\n{"key":"emoji","value":"2"}\n{"key":"🦊","value":"3"}\n';
      const read = async (options: Parameters<typeof importEntries>[2]) => {
        const refused: RefusedItem[] = [];
        const report = await importEntries({ store, clock }, [Buffer.from(lines)], {
          ...options,
          namespace: NAMESPACE,
          onRefused: (item) => void refused.push(item),
        });
        await settle();
        return { ...report, told: refused.map(({ number, key, error }) => `${number} ${key} ${error.code}`) };
      };
      expect(await read({ dryRun: true })).toMatchObject({ entries: 3, skipped: 0 });
      expect(await read({ onConflict: "skip", dryRun: true })).toMatchObject({ entries: 2, skipped: 1 });
      expect(await read({ onConflict: "fail", dryRun: true })).toMatchObject({
        entries: 2,
        refused: 1,
        stopped: true,
        told: ["3 🦊 condition_failed"],
      });
      expect(await text("new")).toBeNull();
      expect(await read({ onConflict: "skip" })).toMatchObject({
        entries: 2,
        bytes: 2,
        skipped: 1,
        told: [],
      });
      expect(await text("🦊")).toBe("emoji");
      expect(await read({ onConflict: "overwrite" })).toMatchObject({ entries: 3 });
      expect(await text("🦊")).toBe("3");
    });

    whenStrong("expired and invalid entries are counted, the later of two wins", async () => {
      const { store, clock, text, settle } = await filled();
      const lines = [
        { key: "gone", value: "1", expiration: clock.nowMs() / 1000 - 1 },
        { key: "k", value: "1" },
        { key: ".", value: "1" },
        { key: "k", value: "2" },
      ].map((line) => JSON.stringify(line));
      const report = await importEntries({ store, clock }, [Buffer.from(lines.join("\n"))], {
        namespace: NAMESPACE,
      });
      expect(report).toMatchObject({ entries: 2, expired: 1, refused: 1 });
      await settle();
      expect(await text("k")).toBe("2");
      expect(await text("gone")).toBeNull();
    });

    test("a file of several namespaces goes into those of the same titles", async () => {
      const { store, clock, settle } = await filled();
      await store.entries.put(OTHER, "other", input("1"));
      await settle();
      const file = await fileOf(exportNamespaces({ store, clock }));
      await store.namespaces.delete(OTHER);
      const trial = await importEntries({ store, clock }, [file], { dryRun: true });
      expect(trial.entries).toBe(7);
      expect(await store.namespaces.find("Other")).toBeNull();
      expect((await importEntries({ store, clock }, [file])).entries).toBe(7);
      const again = await store.namespaces.find("Other");
      expect(again?.attributes).toEqual({ value_encoding: "raw" });
      await settle();
      expect(await allOf(opened(), again?.id ?? "")).toMatchObject([{ key: "other" }]);
      await expect(importEntries({ store, clock }, [file], { namespace: NAMESPACE })).rejects.toMatchObject({
        code: "bad_request",
        message: 'The file holds more than one namespace: "Cases" and "Other".',
      });
      const nameless = importEntries({ store, clock }, [Buffer.from('{"key":"k","value":"1"}')]);
      await expect(nameless).rejects.toMatchObject({ code: "bad_request" });
    });
  });
}
