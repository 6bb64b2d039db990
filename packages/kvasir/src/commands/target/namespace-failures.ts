import { Failure } from "../../failure/failure.js";

/** The same sentence, whether a data directory or a server says so. */
export function noSuchNamespace(id: string, cause?: unknown): Failure {
  return new Failure(`There is no namespace with the id "${id}".`, {
    hint: "See `kvasir kv namespace list`, or make one with `kvasir kv namespace create`.",
    cause,
  });
}

export function titleTaken(title: string, cause?: unknown): Failure {
  return new Failure(`A namespace with the title "${title}" already exists.`, {
    hint: "Choose another title, or see `kvasir kv namespace list` for its id.",
    cause,
  });
}
