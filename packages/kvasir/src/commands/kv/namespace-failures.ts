import { KvError } from "@kvasir/client/namespace";
import { Failure } from "../../failure/failure.js";

/**
 * Calls `work`. When it fails because of the namespace that the user gave (no such id, a title that is
 * taken), the error names it.
 */
export async function namingNamespace<T>(
  given: { readonly id?: string; readonly title?: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof KvError)) throw cause;
    if (cause.code === "namespace_not_found" && given.id !== undefined) {
      throw new Failure(`There is no namespace with the id "${given.id}".`, {
        hint: "See `kvasir kv namespace list`, or make one with `kvasir kv namespace create`.",
        cause,
      });
    }
    if (cause.code === "namespace_exists" && given.title !== undefined) {
      throw new Failure(`A namespace with the title "${given.title}" already exists.`, {
        hint: "Choose another title, or see `kvasir kv namespace list` for its id.",
        cause,
      });
    }
    throw cause;
  }
}
