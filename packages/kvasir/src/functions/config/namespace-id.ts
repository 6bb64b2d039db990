import { createHash } from "node:crypto";

const LEGAL = /^[A-Za-z0-9_.-]{1,64}$/;
/** Kept of a name that must change, so that people recognise it. */
const KEPT = 47;

/**
 * The namespace id for what a config says: itself where the store can take it, otherwise (a placeholder such as
 * `<your-id>`, a binding name with `$`) one made from it, always the same.
 */
export function namespaceId(wanted: string): string {
  // "." and ".." are legal characters but no path segments.
  if (LEGAL.test(wanted) && !/^\.+$/.test(wanted)) return wanted;
  const digest = createHash("sha256").update(wanted).digest("hex").slice(0, 16);
  return `${wanted.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, KEPT)}-${digest}`;
}
