import { base64 } from "../../namespace/base64.js";
import { SESSION_ID_BYTES } from "./limits.js";

/** 256 bits as base64url without padding. The last character holds 4 bits. */
const FORM = /^[\w-]{42}[AEIMQUYcgkosw048]$/;

/** A new id from the platform's cryptographic random numbers. It is a secret: its holder has the session. */
export function newSessionId(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(SESSION_ID_BYTES)));
}

/**
 * The handle of an id in the store: its SHA-256. Someone who can list keys or read a backup has no id to send
 * as a cookie. A salt is not needed, because 2^256 ids cannot be tried.
 *
 * @returns undefined for a text that is not an id, so that the store is not asked for it
 */
export async function handleOf(id: unknown): Promise<string | undefined> {
  if (typeof id !== "string" || !FORM.test(id)) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id));
  return base64url(new Uint8Array(digest));
}

/** Whether a text has the form of a handle. Ids have the same form. */
export function isHandle(text: unknown): text is string {
  return typeof text === "string" && FORM.test(text);
}

function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
