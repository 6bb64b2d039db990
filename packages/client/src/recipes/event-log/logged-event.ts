import { KvError } from "../../namespace/errors.js";
import type { Guarantee } from "../shared/binding.js";
import { jsonText } from "../shared/json.js";
import { COMMIT_BYTES_MAX, EVENTS_PER_COMMIT_MAX } from "./limits.js";

export interface LoggedEvent<Data, G extends Guarantee = Guarantee> {
  /** The id passed to `append`, otherwise a random one. */
  readonly id: string;
  /** Its number: 1, 2, 3, … without gaps. `null` on a plain binding, whose only order is by time. */
  readonly sequence: G extends "atomic" ? number : number | null;
  /** When it was appended, in milliseconds since the epoch, by the writer's clock. */
  readonly atMs: number;
  readonly data: Data;
}

/** An event that is about to be stored. */
export interface NewEvent {
  readonly id: string;
  readonly atMs: number;
  /** The stored text. */
  readonly text: string;
  /**
   * The share of a commit that it takes: the larger one of its part of the bytes and of
   * {@link EVENTS_PER_COMMIT_MAX}.
   */
  readonly weight: number;
}

interface StoredEvent {
  readonly id: string;
  readonly atMs: number;
  readonly data: unknown;
}

/** @throws KvError `value_invalid`, `value_too_large` */
export function newEvent(
  data: unknown,
  { id, atMs }: { readonly id: string; readonly atMs: number },
): NewEvent {
  const text = `{"id":${JSON.stringify(id)},"atMs":${atMs},"data":${jsonText(data, "The event")}}`;
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes > COMMIT_BYTES_MAX) {
    throw new KvError(
      "value_too_large",
      `An event of ${bytes} bytes is too large; ${COMMIT_BYTES_MAX} fit.`,
      {
        hint: "Store what is large under a key of its own, and that key in the event.",
      },
    );
  }
  return { id, atMs, text, weight: Math.max(bytes, Math.floor(COMMIT_BYTES_MAX / EVENTS_PER_COMMIT_MAX)) };
}

/** @throws KvError `value_invalid` */
export function parsedEvent(text: string, key: string): StoredEvent {
  let event: Partial<StoredEvent> | null = null;
  try {
    event = JSON.parse(text) as Partial<StoredEvent> | null;
  } catch {
    // Text that is not JSON is not an event either.
  }
  if (typeof event?.id === "string" && typeof event.atMs === "number") return event as StoredEvent;
  throw new KvError("value_invalid", `${JSON.stringify(key)} holds something else than an event.`, {
    hint: "Give the log a prefix that nothing else uses.",
  });
}
