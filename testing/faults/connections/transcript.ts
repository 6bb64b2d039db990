import { SHOWN_BYTES_MAX } from "./limits.js";
import type { Response } from "./response.js";

/** A request as sent, shortened, for the text of a failure. */
export function requestText(label: string, head: Buffer, body: Buffer): string {
  return `> ${label}\n  ${shortened(head)} ${shortened(body)}`;
}

/** The same for a response. */
export function responseText({ status, reason, headers, body }: Response): string {
  return `< ${status} ${reason} ${JSON.stringify(Object.fromEntries(headers))}\n  ${shortened(body)}`;
}

function shortened(bytes: Buffer): string {
  const more = bytes.byteLength - SHOWN_BYTES_MAX;
  return (
    JSON.stringify(bytes.toString("latin1", 0, SHOWN_BYTES_MAX)) + (more > 0 ? ` and ${more} bytes more` : "")
  );
}
