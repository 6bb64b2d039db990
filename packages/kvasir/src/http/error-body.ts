import type { KvError } from "@kvasir/client/namespace";

/** The shape of errors that no vendor's API words: code, message, what to do. */
export function errorBody({ code, message, hint }: KvError): string {
  return JSON.stringify({ error: { code, message, ...(hint === undefined ? {} : { hint }) } });
}
