import { InvalidArgumentError } from "commander";
import { RING_KEEP_MAX } from "../../server/limits.js";
import { parseDuration } from "../options/times.js";
import { EVERY_MS_MAX, EVERY_MS_MIN } from "./limits.js";

/** Parses `--every` to milliseconds. */
export function parseEvery(text: string): number {
  const everyMs = parseDuration(text);
  if (everyMs === undefined || everyMs < EVERY_MS_MIN || everyMs > EVERY_MS_MAX) {
    throw new InvalidArgumentError("It must be a time from 1s to 24d, such as 30s, 5m, 1h or 1d.");
  }
  return everyMs;
}

export function parseKeep(text: string): number {
  const keep = Number(text);
  if (!/^\d+$/.test(text) || keep < 1 || keep > RING_KEEP_MAX) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${RING_KEEP_MAX}.`);
  }
  return keep;
}
