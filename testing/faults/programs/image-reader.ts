import { FakeClock, type KvError, open } from "@kvasir/store";
import type { LmdbStore } from "../../../packages/store/src/engines/lmdb/lmdb-store.js";

/**
 * Reads everything that a data directory should hold, in every way, and writes to it. It runs as a process of
 * its own, because a damaged file may end it.
 */
export interface ImageReaderInput {
  readonly directories: readonly string[];
  readonly nowMs: number;
  readonly namespace: string;
  /** What is stored: key, value and metadata. */
  readonly expected: readonly (readonly [key: string, value: string, metadata: string | null])[];
}

/** The report on each directory, as a line on stdout. */
export interface ImageFindings {
  /** Results that differ from what is stored. */
  readonly wrong: readonly string[];
  /** The codes of errors, without duplicates. */
  readonly errors: readonly string[];
  /** How many problems its check found, or `null` if the check could not run. */
  readonly problems: number | null;
}

const { directories, nowMs, namespace, expected } = JSON.parse(process.argv[2] ?? "") as ImageReaderInput;

for (const directory of directories) process.stdout.write(`${JSON.stringify(await examine(directory))}\n`);

async function examine(directory: string): Promise<ImageFindings> {
  const wrong: string[] = [];
  const errors = new Set<string>();
  let problems: number | null = null;
  const attempt = async (work: () => unknown) => {
    try {
      await work();
    } catch (error) {
      errors.add((error as KvError).code ?? String(error));
    }
  };

  await attempt(async () => {
    const database = open(directory, { clock: new FakeClock(nowMs) });
    const store = database.store as LmdbStore;
    const kv = database.namespaceById(namespace);
    for (const [key, value, metadata] of expected) {
      await attempt(async () => {
        const found = await kv.getWithMetadata(key, { type: "text" });
        if (found.value !== value) wrong.push(`get ${key}: ${found.value?.slice(0, 40)}`);
        else if (JSON.stringify(found.metadata) !== (metadata ?? "null")) wrong.push(`metadata of ${key}`);
      });
    }
    for (const options of [{}, { reverse: true }, { values: true }]) {
      await attempt(async () => {
        let left = new Map(expected.map(([key, value, metadata]) => [key, { value, metadata }]));
        for (let cursor: string | undefined; ; ) {
          const page = await kv.list({ ...options, limit: 50, cursor });
          for (const listed of page.keys) {
            if (listed.damaged) continue;
            const stored = left.get(listed.name);
            left.delete(listed.name);
            const isRight =
              stored !== undefined &&
              (listed.value ?? stored.value) === stored.value &&
              JSON.stringify(listed.metadata ?? null) === (stored.metadata ?? "null");
            if (!isRight) wrong.push(`list ${JSON.stringify(options)}: ${listed.name}`);
          }
          if (page.keys.some(({ damaged }) => damaged)) {
            errors.add("damaged");
            left = new Map();
            break;
          }
          if (page.list_complete) break;
          cursor = page.cursor;
        }
        for (const key of left.keys()) wrong.push(`list ${JSON.stringify(options)}: no ${key}`);
      });
    }
    await attempt(async () => {
      const count = await kv.count();
      if (count !== expected.length) wrong.push(`count: ${count}`);
    });
    await attempt(async () => {
      problems = store.maintenance.check().problemCount;
    });
    await attempt(() => kv.put("written", "now"));
    await attempt(async () => {
      if ((await kv.get("written")) !== "now") wrong.push("what has just been written");
    });
    await database.close();
  });
  return { wrong, errors: [...errors], problems };
}
