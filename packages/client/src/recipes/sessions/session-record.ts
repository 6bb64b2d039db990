import { KvError } from "../../namespace/errors.js";
import { jsonText } from "../json.js";
import { storeTtl } from "../store-ttl.js";
import { INDEX_MARGIN_SECONDS } from "./limits.js";

/** What is stored of a session. Everything but `data` stays as it is for as long as the id does. */
export interface SessionRecord {
  readonly createdMs: number;
  /** The end of its lifetime, which its entry in the user's index is kept for; a longer one set later is for new ones. */
  readonly endsMs: number;
  readonly userId?: string | undefined;
  readonly data: unknown;
}

/** How long sessions live. */
export interface SessionSpans {
  readonly idleMs: number;
  readonly lifetimeMs: number;
}

/** @throws KvError `value_invalid` */
export function recordText(record: SessionRecord): string {
  jsonText(record.data, "The session's data");
  return JSON.stringify(record);
}

/** @throws KvError `value_not_json` for what another program put there */
export function parseRecord(text: string): SessionRecord {
  try {
    const record = JSON.parse(text) as Partial<SessionRecord> | null;
    const isRecord = typeof record?.createdMs === "number" && typeof record.endsMs === "number";
    if (isRecord && "data" in record) return record as SessionRecord;
  } catch {
    // Said below, as for JSON of another form.
  }
  throw new KvError("value_not_json", "What is stored is not a session.", {
    hint: "Give sessions a prefix, or a namespace, that nothing else writes to.",
  });
}

/** When a session ends however much it is used. A lifetime that was set shorter since holds for all. */
export function endMs({ createdMs, endsMs }: SessionRecord, { lifetimeMs }: SessionSpans): number {
  return Math.min(endsMs, createdMs + lifetimeMs);
}

/** When it ends if it is used at `nowMs` for the last time. */
export function expiryMs(record: SessionRecord, spans: SessionSpans, nowMs: number): number {
  return Math.min(nowMs + spans.idleMs, endMs(record, spans));
}

/** The same as the store's time to live. */
export function ttlSeconds(record: SessionRecord, spans: SessionSpans, nowMs: number): number {
  return storeTtl((expiryMs(record, spans, nowMs) - nowMs) / 1000);
}

/** How long the user's index keeps it: no use of a session has to prolong two entries, and none may outlive its index. */
export function indexTtlSeconds({ endsMs }: SessionRecord, nowMs: number): number {
  return storeTtl((endsMs - nowMs) / 1000 + INDEX_MARGIN_SECONDS);
}
