import { isDeepStrictEqual } from "node:util";
import type { Dress } from "./dress.js";
import type { Expected } from "./planned-request.js";
import { jsonOf } from "./requests/outcomes.js";
import type { Response } from "./response.js";

/** What is wrong with a response, or `undefined` if it is correct. */
export function wrongWith(
  response: Response,
  expected: Expected,
  { method, dress }: { readonly method: string; readonly dress: Dress },
): string | undefined {
  const statuses = [expected.status].flat();
  if (!statuses.includes(response.status)) return `status ${response.status}, not ${statuses.join(" or ")}`;
  if (expected.wrong !== undefined) return expected.wrong;
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const told = response.headers.get(name) ?? null;
    if (told !== value) return `the header ${name}: ${told}, not ${value}`;
  }
  return (
    wrongClosing(response, expected, dress) ?? (method === "HEAD" ? undefined : wrongBody(response, expected))
  );
}

function wrongClosing({ closes, status }: Response, expected: Expected, dress: Dress): string | undefined {
  const right = dress.last === "no" ? (expected.closes ?? "never") : "always";
  // The client may or may not have sent a body without permission, so the start of the next request would be
  // unknown.
  if (right === "maybe" || (dress.expects && status >= 400)) return undefined;
  if (closes === (right === "always")) return undefined;
  return closes ? "it ends the connection" : "it does not say that the connection ends";
}

function wrongBody(response: Response, { body, json, error, check }: Expected): string | undefined {
  if (body !== undefined && !response.body.equals(body)) {
    return `another value: ${quoted(response.body)}, not ${quoted(body)}`;
  }
  if (json !== undefined && !isDeepStrictEqual(jsonOf(response), json)) {
    return `the body ${quoted(response.body)}, not ${JSON.stringify(json).slice(0, 200)}`;
  }
  if (error !== undefined && codeOf(jsonOf(response)) !== error) {
    return `the body ${quoted(response.body)}, not one with the code ${error}`;
  }
  return check?.(response);
}

function codeOf(body: unknown): unknown {
  const { error, errors } = (body ?? {}) as {
    readonly error?: { readonly code?: unknown };
    readonly errors?: readonly { readonly code?: unknown }[];
  };
  return error?.code ?? errors?.[0]?.code;
}

function quoted(bytes: Buffer): string {
  return `${bytes.byteLength} bytes ${JSON.stringify(bytes.toString("latin1", 0, 120))}`;
}
