import { recipeKey } from "../shared/key.js";
import { SEQUENCE_DIGITS, TIME_DIGITS } from "./limits.js";

const LATEST_MS = 10 ** TIME_DIGITS - 1;
/** A placeholder as long as a random id. */
const SOME_ID = "-".repeat(36);

/** The keys of a log, below its prefix and name. */
export interface LogKeys {
  /** The number of the newest event. */
  readonly head: string;
  readonly eventPrefix: string;
  event(sequence: number): string;
  sequenceOf(eventKey: string): number;
  /** The key that records an append with this id. */
  id(id: string): string;
  readonly timedPrefix: string;
  /** The key of an event on plain bindings. It sorts newest first, since those list in one direction only. */
  timed(atMs: number, id: string): string;
}

/** @throws KvError `key_too_long` when the log is created, instead of at its first event */
export function logKeys(prefix: string, name: string): LogKeys {
  const eventPrefix = `${recipeKey(prefix, name, "event")}:`;
  const event = (sequence: number) => eventPrefix + String(sequence).padStart(SEQUENCE_DIGITS, "0");
  const timedPrefix = `${recipeKey(prefix, name, "timed")}:`;
  const timed = (atMs: number, id: string) =>
    recipeKey(prefix, name, "timed", String(LATEST_MS - atMs).padStart(TIME_DIGITS, "0"), id);
  recipeKey(event(0));
  timed(0, SOME_ID);
  return {
    head: recipeKey(prefix, name, "head"),
    eventPrefix,
    event,
    sequenceOf: (eventKey) => Number(eventKey.slice(eventPrefix.length)),
    id: (id) => recipeKey(prefix, name, "id", id),
    timedPrefix,
    timed,
  };
}
