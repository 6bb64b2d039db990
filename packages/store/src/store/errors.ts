import { KvError } from "@kvasir/client/namespace";

/** Errors that every engine throws in the same words. */

export function notFoundError(id: string): KvError {
  return new KvError("namespace_not_found", `There is no namespace ${id}.`, {
    hint: "List the namespaces to see which ids there are, or create it.",
  });
}

export function idTakenError(id: string): KvError {
  return existsError(`A namespace with the id ${id} already exists.`);
}

export function titleTakenError(title: string): KvError {
  return existsError(`A namespace with the title ${JSON.stringify(title)} already exists.`);
}

export function closedError(): KvError {
  return new KvError("unavailable", "The store is closed.", { hint: "Open it again." });
}

/** For a put whose staged value was taken by another put, was reclaimed, or is of another place. */
export function stagedGoneError(): KvError {
  return new KvError("value_invalid", "The staged value is no longer there.", {
    hint: "Stage the value again.",
  });
}

/** For a reader that needed longer than replaced values are kept. */
export function replacedError(): KvError {
  return new KvError("unavailable", "The value was replaced long ago and can no longer be read to its end.", {
    hint: "Read the key again.",
  });
}

export function valueTooLargeError(byteLength: number): KvError {
  return new KvError("value_too_large", `Value length of ${byteLength} exceeds the limit.`);
}

/** `stored` says whether what is stored is an integer, so that the sum is at fault. */
export function notIntegerError(by: number, stored: boolean): KvError {
  return new KvError(
    "value_not_integer",
    stored
      ? `Incrementing by ${by} passes the largest safe integer.`
      : "The value is not an integer and cannot be incremented.",
    { hint: "Counters are integers from -(2^53 - 1) to 2^53 - 1, stored as decimal text." },
  );
}

/** For text that no engine of this kind returned as a position. */
export function malformedPositionError(position: unknown): KvError {
  const shown = JSON.stringify(String(position).slice(0, 64));
  return new KvError("bad_request", `Invalid position ${shown}. Please pass a position that was returned.`, {
    hint: "Positions come from position() and from the changes of a watch. A version is not a position.",
  });
}

function existsError(message: string): KvError {
  return new KvError("namespace_exists", message, {
    hint: "Choose another one, or use the one that is there.",
  });
}
