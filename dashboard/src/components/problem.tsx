import { KvError } from "@kvasir/client";

/** What went wrong, and what to do. */
export function Problem({ error }: { readonly error: unknown }) {
  if (error === undefined) return null;
  return <p role="alert">{textOf(error)}</p>;
}

/** An error as a sentence for the person in front of the page. */
export function textOf(error: unknown): string {
  if (!(error instanceof KvError)) return error instanceof Error ? error.message : String(error);
  if (error.code === "unavailable" && error.cause !== undefined)
    return "The server cannot be reached. Nothing was lost here; try again.";
  const sentence = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`;
  return error.hint === undefined ? sentence : `${sentence} ${error.hint}`;
}
