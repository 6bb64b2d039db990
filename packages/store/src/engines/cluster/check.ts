import type { CheckProblem, CheckReport } from "../../store/check-report.js";
import type { Catalog, StoredNamespace } from "./catalog.js";
import { CHECK_ENTRIES, CHECK_INDEX } from "./check-scripts.js";
import type { Bucket } from "./layout.js";
import { CHECK_PROBLEMS_MAX, CHECK_STEP_ENTRIES } from "./limits.js";
import { run, type Script } from "./script.js";
import type { Session } from "./session.js";

/**
 * Compares every entry with the index of its bucket, with what is to expire and with its large value, and every
 * key of an index with its entry. Each step is one script, so writers meanwhile do not look like damage.
 */
export async function checkStore(session: Session, catalog: Catalog): Promise<CheckReport> {
  const report = new ClusterCheck();
  for (const namespace of await catalog.all()) {
    for (const bucket of namespace.buckets) {
      await checkEntries(session, namespace, bucket, report);
      await checkIndex(session, namespace, bucket, report);
    }
  }
  return report.result();
}

const SENTENCES: Readonly<Record<string, string>> = {
  form: "cannot be read",
  index: "is not in the index, so that lists do not show it",
  expiry: "does not expire when it says",
  value: "has lost its large value, or a part of it",
};

async function checkEntries(
  session: Session,
  namespace: StoredNamespace,
  bucket: Bucket,
  report: ClusterCheck,
): Promise<void> {
  const { entries, index, expiry, prefix } = bucket;
  const args = [namespace.generation, prefix];
  for await (const [count, bytes, ...problems] of steps(session, bucket, CHECK_ENTRIES, {
    keys: [entries, index, expiry],
    args,
  })) {
    report.entries += Number(count);
    report.bytes += Number(bytes);
    for (let at = 0; at < problems.length; at += 2) {
      const [kind, key] = [String(problems[at]), String(problems[at + 1])];
      report.add(namespace, key, SENTENCES[kind] ?? kind);
    }
  }
}

async function checkIndex(
  session: Session,
  namespace: StoredNamespace,
  bucket: Bucket,
  report: ClusterCheck,
): Promise<void> {
  const keys = [bucket.entries, bucket.index];
  for await (const missing of steps(session, bucket, CHECK_INDEX, { keys, args: [] })) {
    for (const key of missing) report.add(namespace, String(key), "is in the index, and has no entry");
  }
}

/** The replies of a script that goes over a bucket in steps, without their cursors. */
async function* steps(
  session: Session,
  bucket: Bucket,
  script: Script,
  { keys, args }: { readonly keys: readonly string[]; readonly args: readonly string[] },
): AsyncGenerator<readonly unknown[]> {
  let cursor = "0";
  do {
    session.assertOpen();
    const reply = await session.plainRead(bucket, run(script, keys, [cursor, CHECK_STEP_ENTRIES, ...args]));
    const [next, ...found] = reply as readonly unknown[];
    yield found;
    cursor = String(next);
  } while (cursor !== "0");
}

/** Collects what a check finds, in bounded memory. */
class ClusterCheck {
  entries = 0;
  bytes = 0;
  #problemCount = 0;
  readonly #problems: CheckProblem[] = [];

  add({ record: { id, title } }: StoredNamespace, key: string, what: string): void {
    this.#problemCount++;
    if (this.#problems.length >= CHECK_PROBLEMS_MAX) return;
    const message = `The key ${JSON.stringify(key)} of the namespace ${JSON.stringify(title)} ${what}.`;
    this.#problems.push({ message, namespace: id, key });
  }

  result(): CheckReport {
    const { entries, bytes } = this;
    return { readable: true, entries, bytes, problemCount: this.#problemCount, problems: this.#problems };
  }
}
