import type { Entries } from "./entries.js";
import { DELETE_BATCH_MAX } from "./limits.js";
import type { KeyRange } from "./listing.js";

/** `deleteRange` for an engine that has no better way: lists the range and deletes page by page. */
export async function deleteRange(
  { list, writeMany }: Pick<Entries, "list" | "writeMany">,
  namespace: string,
  range: KeyRange,
): Promise<number> {
  let deleted = 0;
  let after: string | undefined;
  do {
    const page = await list(namespace, { ...range, limit: DELETE_BATCH_MAX, after });
    if (page.entries.length > 0) {
      const outcomes = await writeMany(
        namespace,
        page.entries.map(({ key }) => ({ type: "delete", key })),
      );
      deleted += outcomes.filter(({ existed }) => existed).length;
    }
    after = page.after ?? undefined;
  } while (after !== undefined);
  return deleted;
}
