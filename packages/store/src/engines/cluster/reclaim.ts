import type { Catalog, StoredNamespace } from "./catalog.js";
import type { Bucket } from "./layout.js";
import { RECLAIM_STEP_ENTRIES } from "./limits.js";
import { run } from "./script.js";
import type { Session } from "./session.js";
import { blobKey } from "./staging.js";
import { END_BUCKET, RECLAIM_BUCKET } from "./upkeep-scripts.js";

/** Makes all buckets of a deleted namespace refuse writes. */
export async function endBuckets(session: Session, { buckets }: StoredNamespace): Promise<void> {
  await Promise.all(buckets.map((bucket) => session.write(bucket, run(END_BUCKET, [bucket.entries], []))));
}

/** Removes the entries of a deleted namespace step by step, so that no node is busy for long. */
export async function reclaimNamespace(
  session: Session,
  catalog: Catalog,
  namespace: StoredNamespace,
): Promise<void> {
  await endBuckets(session, namespace);
  for (const bucket of namespace.buckets) await reclaimBucket(session, bucket, namespace.generation);
  if (session.isClosed) return;
  const { partition, ended } = catalog.keys;
  await session.write(partition, ["HDEL", ended, namespace.generation]);
}

async function reclaimBucket(session: Session, bucket: Bucket, generation: string): Promise<void> {
  const keys = [bucket.entries, bucket.index, bucket.expiry];
  let cursor = "0";
  do {
    if (session.isClosed) return;
    const command = run(RECLAIM_BUCKET, keys, [cursor, RECLAIM_STEP_ENTRIES, generation]);
    const [reply] = await session.write(bucket, command);
    const [next, ...blobs] = (reply as readonly unknown[]).map(String);
    // Not by the script: while a slot moves, a key that it does not declare may be on the other node.
    await Promise.all(blobs.map((blob) => session.write(bucket, ["UNLINK", blobKey(bucket, blob)])));
    cursor = next ?? "0";
  } while (cursor !== "0");
}
