import type { Session } from "../session/session.js";

/** Saves the entries of a namespace as a file that `kvasir import` reads. */
export async function exportEntries(
  { admin }: Session,
  { id, title, prefix }: { readonly id: string; readonly title: string; readonly prefix: string },
): Promise<void> {
  const entries = await admin.transfer.export(id, { prefix });
  save(await new Response(entries).blob(), `${title.replace(/[^\w.-]+/g, "-")}.jsonl`);
}

/** Lets the browser store bytes as a file. */
export function save(bytes: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(bytes);
  link.download = name;
  link.click();
  // The download has begun when the click returns, but reads the bytes later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
