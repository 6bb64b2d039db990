import { deleteRange } from "../../store/delete-range.js";
import type { Entries } from "../../store/entries.js";
import type { Entry, Key } from "../../store/entry.js";
import type { ListPage, ListQuery } from "../../store/listing.js";
import type { Operation } from "./committer.js";
import {
  commitEntries,
  deleteEntry,
  incrementEntry,
  mutateEntries,
  outcomeOf,
  putEntry,
  touchEntry,
  type WriteSite,
} from "./entry-writes.js";
import type { Reader } from "./reader.js";
import type { Session } from "./session.js";
import { heldBytes, type StagedWrites, writeGroups } from "./staged-writes.js";
import { stageValue } from "./staging.js";

/** Reads are synchronous here. */
export interface LmdbEntries extends Entries {
  get(namespace: string, key: Key): Entry | null;
  getMany(namespace: string, keys: readonly Key[]): readonly (Entry | null)[];
  list(namespace: string, query: ListQuery): ListPage;
}

/** Reads are synchronous; writes share transactions and resolve when they are on disk. */
export function lmdbEntries(session: Session, reader: Reader, staged: StagedWrites): LmdbEntries {
  const { catalog, committer } = session.environment;

  const within = <T>(namespace: string, operation: (site: WriteSite) => T): Operation<T> => {
    return (transaction) => {
      const { number } = transaction.namespace(namespace);
      return operation({ transaction, namespace: number, nowMs: session.nowMs() });
    };
  };
  const write = <T>(namespace: string, operation: (site: WriteSite) => T) =>
    session.write(within(namespace, operation));
  /** For writes that `staged` has begun: closing the store waits for them. */
  const submit = <T>(namespace: string, operation: (site: WriteSite) => T, bytes: number) =>
    committer.submit(within(namespace, operation), bytes);

  const entries: LmdbEntries = {
    get(namespace, key) {
      session.assertOpen();
      try {
        return reader.get(catalog.numberOf(namespace), key);
      } catch (error) {
        throw session.storageError(error);
      }
    },

    getMany(namespace, keys) {
      session.assertOpen();
      try {
        const number = catalog.numberOf(namespace);
        return keys.map((key) => reader.get(number, key));
      } catch (error) {
        throw session.storageError(error);
      }
    },

    list(namespace, query) {
      session.assertOpen();
      try {
        return reader.list(catalog.numberOf(namespace), query);
      } catch (error) {
        throw session.storageError(error);
      }
    },

    async count(namespace, range) {
      session.assertOpen();
      try {
        return await reader.count(() => catalog.numberOf(namespace), range);
      } catch (error) {
        throw session.storageError(error);
      }
    },

    // A directory has one place for large values, so it does not matter for which key a value is staged.
    async stage(_namespace, _key, parts, { bytesMax }) {
      session.assertOpen();
      return stageValue(session, parts, bytesMax);
    },

    put(namespace, key, input, condition) {
      return staged.run([input], ([ready = input]) =>
        submit(namespace, (site) => putEntry(site, key, ready, condition), heldBytes(ready)),
      );
    },

    delete(namespace, key, condition) {
      return write(namespace, (site) => deleteEntry(site, key, condition));
    },

    increment(namespace, key, by, expirationMs) {
      return write(namespace, (site) => incrementEntry(site, key, by, expirationMs));
    },

    touch(namespace, key, expirationMs, condition) {
      return write(namespace, (site) => touchEntry(site, key, expirationMs, condition));
    },

    commit(namespace, checks, mutations) {
      return staged.run(mutations, (ready) => {
        const bytes = ready.reduce((sum, mutation) => sum + heldBytes(mutation), 0);
        return submit(namespace, (site) => commitEntries(site, checks, ready), bytes);
      });
    },

    async writeMany(namespace, mutations) {
      const groups = await staged.run(mutations, (ready) =>
        Promise.allSettled(
          writeGroups(ready).map(({ group, bytes }) =>
            committer.submit(
              within(namespace, (site) => mutateEntries(site, group)),
              bytes,
              group.length,
            ),
          ),
        ),
      );
      return groups.flatMap((outcome) => {
        if (outcome.status === "rejected") throw outcome.reason;
        return outcome.value.map(outcomeOf);
      });
    },

    deleteRange: (namespace, range) => deleteRange(entries, namespace, range),
  };
  return entries;
}
