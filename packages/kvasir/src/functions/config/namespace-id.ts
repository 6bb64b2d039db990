import { createHash } from "node:crypto";

const LEGAL = /^[A-Za-z0-9_.-]{1,64}$/;
/** Number of characters of a replaced name that are kept, so that people recognise it. */
const KEPT = 47;

/**
 * Returns the namespace id for an id in a config: the id itself if the store accepts it. Otherwise (a
 * placeholder such as `<your-id>`, a binding name with `$`) an id derived from it, which is always the same.
 */
export function namespaceId(wanted: string): string {
  // "." and ".." have legal characters, but cannot be path segments.
  if (LEGAL.test(wanted) && !/^\.+$/.test(wanted)) return wanted;
  const digest = createHash("sha256").update(wanted).digest("hex").slice(0, 16);
  return `${wanted.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, KEPT)}-${digest}`;
}
