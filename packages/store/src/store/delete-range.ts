import { DELETE_BATCH_MAX } from "./limits.js";
import type { Key, KeyRange, Store } from "./store.js";

/**
 * Deletes every entry of a range, batch by batch, and says how many there were. Each delete is atomic; what is
 * written into the range meanwhile may survive.
 */
export async function deleteRange(store: Store, namespace: string, range: KeyRange): Promise<number> {
  let deleted = 0;
  let after: Key | undefined;
  do {
    const page = await store.list(namespace, { ...range, limit: DELETE_BATCH_MAX, after, fresh: true });
    if (page.entries.length > 0) {
      const outcomes = await store.writeMany(
        namespace,
        page.entries.map(({ key }) => ({ type: "delete", key })),
      );
      deleted += outcomes.filter(({ existed }) => existed).length;
    }
    after = page.after ?? undefined;
  } while (after !== undefined);
  return deleted;
}
