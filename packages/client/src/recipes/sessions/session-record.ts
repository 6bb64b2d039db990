import { KvError } from "../../namespace/errors.js";
import { jsonText } from "../shared/json.js";
import { storeTtl } from "../shared/store-ttl.js";
import { INDEX_MARGIN_SECONDS } from "./limits.js";

/** The stored form of a session. Only `data` can change while the id stays the same. */
export interface SessionRecord {
  readonly createdMs: number;
  /**
   * The end of its lifetime. The index keeps its entry until then. A longer lifetime set
   * later applies only to new sessions.
   */
  readonly endsMs: number;
  readonly userId?: string | undefined;
  /** How long it may be unused. `undefined`: as the option of the recipe says. */
  readonly idleMs?: number | undefined;
  /** Whether its cookie survives a restart of the browser. `undefined`: as the option of the cookie says. */
  readonly persistent?: boolean | undefined;
  readonly data: unknown;
}

/** The time spans of sessions. */
export interface SessionSpans {
  readonly idleMs: number;
  readonly lifetimeMs: number;
}

/** @throws KvError `value_invalid` */
export function recordText(record: SessionRecord): string {
  jsonText(record.data, "The session's data");
  return JSON.stringify(record);
}

/** @throws KvError `value_not_json` for a value of another program */
export function parseRecord(text: string): SessionRecord {
  try {
    const record = JSON.parse(text) as Partial<SessionRecord> | null;
    const isRecord = typeof record?.createdMs === "number" && typeof record.endsMs === "number";
    if (isRecord && "data" in record) return record as SessionRecord;
  } catch {
    // Reported below, like JSON of another shape.
  }
  throw new KvError("value_not_json", "What is stored is not a session.", {
    hint: "Give sessions a prefix, or a namespace, that nothing else writes to.",
  });
}

/**
 * When a session ends even if it is used. A lifetime that was shortened later
 * applies to existing sessions too.
 */
export function endMs(record: SessionRecord, spans: SessionSpans): number {
  return Math.min(record.endsMs, record.createdMs + lifetimeMsOf(record, spans));
}

/** A session with an idle time of its own that is longer than the lifetime lives as long as that. */
export function lifetimeMsOf({ idleMs = 0 }: Pick<SessionRecord, "idleMs">, spans: SessionSpans): number {
  return Math.max(spans.lifetimeMs, idleMs);
}

/** When it expires if it is last used at `nowMs`. */
export function expiryMs(record: SessionRecord, spans: SessionSpans, nowMs: number): number {
  return Math.min(nowMs + (record.idleMs ?? spans.idleMs), endMs(record, spans));
}

/** The same as a TTL for the store. */
export function ttlSeconds(record: SessionRecord, spans: SessionSpans, nowMs: number): number {
  return storeTtl((expiryMs(record, spans, nowMs) - nowMs) / 1000);
}

/**
 * The TTL of the index entry. It covers the whole lifetime, so that prolonging a
 * session touches only one entry.
 */
export function indexTtlSeconds({ endsMs }: SessionRecord, nowMs: number): number {
  return storeTtl((endsMs - nowMs) / 1000 + INDEX_MARGIN_SECONDS);
}
