import { KvError } from "../../errors.js";
import { jsonText } from "../json.js";
import { storeTtl } from "../store-ttl.js";

/** What is stored of a session. Everything but `data` stays as it is for as long as the id does. */
export interface SessionRecord {
  readonly createdMs: number;
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
    if (typeof record?.createdMs === "number" && "data" in record) return record as SessionRecord;
  } catch {
    // Said below, as for JSON of another form.
  }
  throw new KvError("value_not_json", "What is stored is not a session.", {
    hint: "Give sessions a prefix, or a namespace, that nothing else writes to.",
  });
}

/** When a session ends at the latest if it is used at `nowMs` for the last time. */
export function expiryMs({ createdMs }: SessionRecord, { idleMs, lifetimeMs }: SessionSpans, nowMs: number) {
  return Math.min(nowMs + idleMs, createdMs + lifetimeMs);
}

/** The same as the store's time to live. */
export function ttlSeconds(record: SessionRecord, spans: SessionSpans, nowMs: number): number {
  return storeTtl((expiryMs(record, spans, nowMs) - nowMs) / 1000);
}
