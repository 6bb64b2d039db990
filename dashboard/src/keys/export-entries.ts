import { save } from "../components/save.js";
import type { Session } from "../session/session.js";

/** Saves the entries of a namespace as a file that `kvasir import` reads. */
export async function exportEntries(
  { admin }: Session,
  { id, title, prefix }: { readonly id: string; readonly title: string; readonly prefix: string },
): Promise<void> {
  const entries = await admin.transfer.export(id, { prefix });
  save(await new Response(entries).blob(), `${title.replace(/[^\w.-]+/g, "-")}.jsonl`);
}
