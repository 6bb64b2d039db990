import type { Position } from "../../store/changes.js";
import { malformedPositionError } from "../../store/errors.js";

/** A place in the log of changes. */
export interface Place {
  /** Everything of the versions before this one has been told. */
  readonly version: number;
  /** How many changes of this version have been told; `null`: all of them. */
  readonly told: number | null;
}

/** Everything up to `version`, or so many changes of it, has been told. */
export function positionOf(version: number, told: number | null = null): Position {
  const text = PREFIX + version.toString(36);
  return told === null ? text : `${text}.${told}`;
}

/** @throws KvError `bad_request` */
export function parsePosition(position: Position): Place {
  const [, version, told] = PATTERN.exec(position) ?? [];
  const number = version === undefined ? Number.NaN : Number.parseInt(version, 36);
  if (!Number.isSafeInteger(number)) throw malformedPositionError(position);
  return { version: number, told: told === undefined ? null : Number(told) };
}

/** So that a version, which is a number, is never taken for a position. */
const PREFIX = "c";
const PATTERN = /^c([0-9a-z]{1,11})(?:\.([1-9]\d{0,8}))?$/;
