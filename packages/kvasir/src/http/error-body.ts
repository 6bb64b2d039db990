import type { KvError } from "@kvasir/client";

/** The form of errors in Kvasir's own APIs: code, message and hint. */
export function errorBody({ code, message, hint }: KvError): string {
  return JSON.stringify({ error: { code, message, ...(hint === undefined ? {} : { hint }) } });
}
