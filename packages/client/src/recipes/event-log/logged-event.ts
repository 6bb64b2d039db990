import { KvError } from "../../namespace/errors.js";
import type { Guarantee } from "../binding.js";
import { jsonText } from "../json.js";
import { COMMIT_BYTES_MAX, EVENTS_PER_COMMIT_MAX } from "./limits.js";

export interface LoggedEvent<Data, G extends Guarantee = Guarantee> {
  /** The one that was given with it, else a random one. */
  readonly id: string;
  /** Its place: 1, 2, 3, … without a gap. `null` on a plain binding, which has no order but that of clocks. */
  readonly sequence: G extends "atomic" ? number : number | null;
  /** When it was appended, by the clock of who did: milliseconds since the epoch. */
  readonly atMs: number;
  readonly data: Data;
}

/** An event on its way into the store. */
export interface NewEvent {
  readonly id: string;
  readonly atMs: number;
  /** What is stored. */
  readonly text: string;
  /** A batch of `COMMIT_BYTES_MAX` holds that many bytes or {@link EVENTS_PER_COMMIT_MAX} events. */
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
    // Not JSON: no event either.
  }
  if (typeof event?.id === "string" && typeof event.atMs === "number") return event as StoredEvent;
  throw new KvError("value_invalid", `${JSON.stringify(key)} holds something else than an event.`, {
    hint: "Give the log a prefix that nothing else uses.",
  });
}
