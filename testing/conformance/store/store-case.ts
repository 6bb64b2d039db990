import type { FakeClock, LargeValue, PutInput, Store, StoreSupport } from "@kvasir/store";
import { afterEach, beforeEach, test } from "vitest";

/** An open store and the clock it was opened with. */
export interface OpenedStore {
  readonly store: Store;
  readonly clock: FakeClock;
}

/** How a suite reaches the implementation that it tests. */
export interface StoreUnderTest {
  /** What the store declares. Cases that need more are skipped; their names end with what they need. */
  readonly supports: StoreSupport;
  /** How many expired entries stand before the first live one in the longest list. @default 100,000 */
  readonly expiredEntries?: number;
  /** Opens a new, empty store. */
  open(): Promise<OpenedStore>;
  /** Closes a store and opens the same data again. Needed where the store is `durable`. */
  reopen?(store: OpenedStore): Promise<OpenedStore>;
  /** Opens the same data a second time, beside the first. Needed where the store is `multiProcess`. */
  openAgain?(store: OpenedStore): Promise<OpenedStore>;
}

/** `test` for a case that needs something that not every store supports. */
export function testWhen({ supports }: StoreUnderTest, needed: keyof StoreSupport) {
  return test.skipIf(!supports[needed]);
}

/** The namespace that exists for every case. */
export const NAMESPACE = "cafe0000000000000000000000000000";

/** A store that is not strong may return old data for at most a minute. */
const SETTLED_AFTER_MS = 60_000;

/** The tools of a case. They are opened anew for each case. */
export interface StoreCase extends OpenedStore {
  readonly put: (key: string, value: string, options?: Partial<PutInput>) => Promise<number>;
  readonly text: (key: string) => Promise<string | null>;
  /** Resolves when reads and lists show what was written. A strong store needs no time for that. */
  readonly settle: () => Promise<void>;
}

/** Opens a store with one namespace for each case of the surrounding `describe`. */
export function useStore(under: StoreUnderTest): () => StoreCase {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await under.open();
    await opened.store.namespaces.create({ id: NAMESPACE, title: "Cases" });
  });
  afterEach(() => opened.store.close());
  return () => caseOf(opened);
}

export function caseOf({ store, clock }: OpenedStore): StoreCase {
  return {
    store,
    clock,
    put: async (key, value, options) => {
      const { version } = await store.entries.put(NAMESPACE, key, input(value, options));
      if (version === null) throw new Error(`The put of ${key} has no version.`);
      return version;
    },
    text: async (key) => {
      const entry = await store.entries.get(NAMESPACE, key);
      return entry === null ? null : textOf(entry.value);
    },
    settle: async () => {
      if (!store.supports.strong) clock.advance(SETTLED_AFTER_MS);
    },
  };
}

export function input(value: string | Uint8Array, options: Partial<PutInput> = {}): PutInput {
  return {
    value: typeof value === "string" ? Buffer.from(value) : value,
    expirationMs: null,
    metadata: null,
    contentType: null,
    ...options,
  };
}

/** A value in one piece, whatever its form in the store. */
export async function bytesOf(value: Uint8Array | LargeValue): Promise<Buffer> {
  if (value instanceof Uint8Array) return Buffer.from(value);
  const parts: Uint8Array[] = [];
  for await (const part of value.parts()) parts.push(part);
  return Buffer.concat(parts);
}

export async function textOf(value: Uint8Array | LargeValue): Promise<string> {
  return (await bytesOf(value)).toString();
}

/** Bytes that differ from place to place, so that a part in the wrong place is noticed. */
export function patternBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed >>> 0;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
