import type { Position } from "../../store/changes.js";
import { malformedPositionError } from "../../store/errors.js";

/** A place in the feed of changes, whose order is by version, then by partition, then by number in the version. */
export interface Place {
  /** The generation of the namespace, or `all`: a position is for the feed that it came from. */
  readonly feed: string;
  readonly version: number;
  /** The last change that was told. `null`: all of this version were. */
  readonly told: { readonly partition: number; readonly number: number } | null;
}

export function positionOf({ feed, version, told }: Place): Position {
  const text = `k.${feed}.${version.toString(36)}`;
  return told === null ? text : `${text}.${told.partition}.${told.number}`;
}

/** @throws KvError `bad_request` */
export function parsePosition(position: Position): Place {
  const [, feed, version = "", partition, number] =
    /^k\.([\w-]{1,16})\.([0-9a-z]{1,11})(?:\.(\d{1,4})\.(\d{1,9}))?$/.exec(position) ?? [];
  const parsed = Number.parseInt(version, 36);
  if (feed === undefined || !Number.isSafeInteger(parsed)) throw malformedPositionError(position);
  const told = partition === undefined ? null : { partition: Number(partition), number: Number(number) };
  return { feed, version: parsed, told };
}

/** Whether a change lies behind a place: whoever stands there has been told of it. */
export function isTold(
  { version, told }: Place,
  change: { readonly version: number; readonly partition: number; readonly number: number },
): boolean {
  if (change.version !== version) return change.version < version;
  if (told === null) return true;
  return (
    change.partition < told.partition || (change.partition === told.partition && change.number <= told.number)
  );
}
