import { base64 } from "../../namespace/base64.js";
import { SESSION_ID_BYTES } from "./limits.js";

/** 256 bits as base64url without padding, the last character of which holds 4 bits. */
const FORM = /^[\w-]{42}[AEIMQUYcgkosw048]$/;

/** A new id, from the platform's cryptographic random numbers. It is a secret: who has it, has the session. */
export function newSessionId(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(SESSION_ID_BYTES)));
}

/**
 * What stands for an id in the store: its SHA-256, so that whoever can list keys or read a backup has nothing to send
 * as a cookie. No salt is needed, for nobody can try 2^256 ids.
 *
 * @returns undefined for what is no id, however long it is: nobody asks the store for that
 */
export async function handleOf(id: unknown): Promise<string | undefined> {
  if (typeof id !== "string" || !FORM.test(id)) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id));
  return base64url(new Uint8Array(digest));
}

/** Whether it has the form of a handle, which is an id's as well. */
export function isHandle(text: unknown): text is string {
  return typeof text === "string" && FORM.test(text);
}

function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
