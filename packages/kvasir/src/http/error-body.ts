import type { KvError } from "@kvasir/client/namespace";

/** What is told of an error. Where nobody throws one, making one with its stack only to render it is waste. */
export type ErrorFields = Pick<KvError, "code" | "message"> & Partial<Pick<KvError, "hint">>;

/** The form of errors in Kvasir's own APIs: code, message and hint. */
export function errorBody({ code, message, hint }: ErrorFields): string {
  return JSON.stringify({ error: { code, message, ...(hint === undefined ? {} : { hint }) } });
}
