import type { Entries } from "../../store/entries.js";
import type { Entry } from "../../store/entry.js";
import type { ListPage } from "../../store/listing.js";
import { LARGE_VALUE_KEPT_MS, PAGE_VALUE_BYTES_MAX, STALE_MS_MAX } from "./limits.js";
import type { Memory } from "./memory.js";
import { questionOf } from "./question.js";

/** Reads that return what the same read has found before, for a while. */
export function simulatedReads(
  entries: Entries,
  { clock, reads, pages, writes }: Memory,
): Pick<Entries, "get" | "getMany" | "list"> {
  /** Expired entries are never returned, however long they may be kept. */
  function kept(id: string, staleMsMax: number): { readonly answer: Entry | null } | undefined {
    const found = reads.find(id, staleMsMax);
    if (found === undefined || found.answer === null) return found;
    const { answer } = found;
    if (answer.expirationMs !== null && answer.expirationMs <= clock.nowMs()) return undefined;
    const isLarge = !(answer.value instanceof Uint8Array);
    if (isLarge && reads.find(id, Math.min(staleMsMax, LARGE_VALUE_KEPT_MS)) === undefined) return undefined;
    return { answer: lent(answer) };
  }

  function keep(id: string, entry: Entry | null, askedMs: number): Entry | null {
    reads.keep(id, entry, askedMs);
    return entry === null ? null : lent(entry);
  }

  return {
    async get(namespace, key, staleMsMax = STALE_MS_MAX) {
      const id = questionOf(namespace, key);
      const found = kept(id, staleMsMax);
      if (found !== undefined) return found.answer;
      const askedMs = clock.nowMs();
      return keep(id, await entries.get(namespace, key), askedMs);
    },

    async getMany(namespace, keys, staleMsMax = STALE_MS_MAX) {
      const known = keys.map((key) => kept(questionOf(namespace, key), staleMsMax));
      const missing = keys.filter((_, at) => known[at] === undefined);
      const askedMs = clock.nowMs();
      const found = missing.length === 0 ? [] : await entries.getMany(namespace, missing);
      let next = 0;
      return keys.map((key, at) => {
        const answered = known[at];
        if (answered !== undefined) return answered.answer;
        return keep(questionOf(namespace, key), found[next++] ?? null, askedMs);
      });
    },

    async list(namespace, query) {
      const question = questionOf(namespace, JSON.stringify(query));
      const nowMs = clock.nowMs();
      const found = pages.find(question, STALE_MS_MAX);
      if (found !== undefined) return liveAt(found.answer, nowMs);
      const { entries: listed, after } = await entries.list(namespace, query);
      const page = {
        entries: listed.filter(({ key }) => !writes.isUnlisted(questionOf(namespace, key))),
        after,
      };
      const valueBytes =
        query.values === true ? page.entries.reduce((sum, entry) => sum + entry.valueBytes, 0) : 0;
      if (valueBytes <= PAGE_VALUE_BYTES_MAX) pages.keep(question, page, nowMs);
      return page;
    },
  };
}

/** With bytes of its own: the next reader must not see what one reader does to them. */
function lent(entry: Entry): Entry {
  return entry.value instanceof Uint8Array ? { ...entry, value: entry.value.slice() } : entry;
}

function liveAt({ entries, after }: ListPage, nowMs: number): ListPage {
  return {
    entries: entries.filter(({ expirationMs }) => expirationMs === null || expirationMs > nowMs),
    after,
  };
}
