import type { BucketUsage, NamespaceUsage } from "../../store/maintenance.js";
import type { NamespaceRecord } from "../../store/namespaces.js";
import type { Catalog, StoredNamespace } from "./catalog.js";
import { MEASURE_BUCKET } from "./check-scripts.js";
import { BUCKET_BYTES_MAX, BUCKET_ENTRIES_MAX, PARTITIONS, USAGE_SAMPLE } from "./limits.js";
import { run } from "./script.js";
import type { Session } from "./session.js";

/** What every namespace holds. Numbers of entries are exact; bytes are estimated for buckets above the sample. */
export async function usageOf(session: Session, catalog: Catalog): Promise<readonly NamespaceUsage[]> {
  const usage: NamespaceUsage[] = [];
  for (const namespace of await catalog.all()) usage.push(await measure(session, namespace));
  return usage;
}

async function measure(session: Session, { record, buckets }: StoredNamespace): Promise<NamespaceUsage> {
  const measured = await Promise.all(
    buckets.map(async (bucket) => {
      const reply = await session.plainRead(bucket, run(MEASURE_BUCKET, [bucket.entries], [USAGE_SAMPLE]));
      const [entries = 0, sampled = 0, bytes = 0] = (reply as readonly unknown[]).map(Number);
      return { entries, bytes: sampled === 0 ? 0 : Math.round((bytes * entries) / sampled) };
    }),
  );
  const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
  return {
    namespace: record.id,
    entries: sum(measured.map(({ entries }) => entries)),
    bytes: sum(measured.map(({ bytes }) => bytes)),
    buckets: bucketUsage(record, measured),
  };
}

interface Measured {
  readonly entries: number;
  readonly bytes: number;
}

/** @param measured each bucket of the namespace */
export function bucketUsage(
  { title }: Pick<NamespaceRecord, "title">,
  measured: readonly Measured[],
): BucketUsage {
  const count = measured.length;
  const largestEntries = Math.max(...measured.map(({ entries }) => entries));
  const largestBytes = Math.max(...measured.map(({ bytes }) => bytes));
  return {
    count,
    largestEntries,
    largestBytes,
    advice: adviceFor(title, { count, largestEntries, largestBytes }),
  };
}

function adviceFor(
  title: string,
  { count, largestEntries, largestBytes }: Omit<BucketUsage, "advice">,
): string | null {
  const excess = Math.max(largestEntries / BUCKET_ENTRIES_MAX, largestBytes / BUCKET_BYTES_MAX);
  if (excess <= 1 || count === PARTITIONS) return null;
  // Room to grow to twice of what it holds.
  const wanted = Math.min(PARTITIONS, count * 2 ** Math.ceil(Math.log2(2 * excess)));
  const held =
    largestEntries > BUCKET_ENTRIES_MAX
      ? `${largestEntries} keys`
      : `${Math.round(largestBytes / 2 ** 20)} MiB`;
  return `The namespace ${JSON.stringify(title)} has ${held} in one of its ${count} ${count === 1 ? "bucket" : "buckets"}: copy it to a new one with --buckets ${wanted}, as docs/guides/cluster.md shows.`;
}
