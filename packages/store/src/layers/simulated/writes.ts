import type { Entries } from "../../store/entries.js";
import type { Memory } from "./memory.js";
import { questionOf } from "./question.js";

/**
 * Writes that are refused when they come too often. A condition that fails shows that the caller has read an
 * old version: its next read of the key reaches the store, or a loop of reading and writing could not end.
 */
export function simulatedWrites(
  entries: Entries,
  { reads, writes }: Memory,
): Pick<Entries, "put" | "delete" | "writeMany" | "touch" | "commit"> {
  /** Counts a write as one of a hosted service. A write that fails does not count. */
  async function admitted<T>(ids: readonly string[], write: () => Promise<T>): Promise<T> {
    writes.admit(ids);
    try {
      return await write();
    } catch (error) {
      writes.failed(ids);
      throw error;
    }
  }

  return {
    async put(namespace, key, input, condition) {
      const id = questionOf(namespace, key);
      const write = () => entries.put(namespace, key, input, condition);
      const outcome = await (condition === undefined ? admitted([id], write) : write());
      if (!outcome.ok) reads.forget(id);
      else if (!outcome.existed) writes.created(id);
      return outcome;
    },

    async delete(namespace, key, condition) {
      const id = questionOf(namespace, key);
      const write = () => entries.delete(namespace, key, condition);
      const outcome = await (condition === undefined ? admitted([id], write) : write());
      if (!outcome.ok) reads.forget(id);
      return outcome;
    },

    // Deletes in bulk may come as often as they like.
    async writeMany(namespace, mutations) {
      const puts = mutations
        .filter(({ type }) => type === "put")
        .map(({ key }) => questionOf(namespace, key));
      const outcomes = await admitted(puts, () => entries.writeMany(namespace, mutations));
      for (const [at, { type, key }] of mutations.entries()) {
        if (type === "put" && outcomes[at]?.existed === false) writes.created(questionOf(namespace, key));
      }
      return outcomes;
    },

    async touch(namespace, key, expirationMs, condition) {
      const outcome = await entries.touch(namespace, key, expirationMs, condition);
      if (!outcome.ok) reads.forget(questionOf(namespace, key));
      return outcome;
    },

    async commit(namespace, checks, mutations) {
      const version = await entries.commit(namespace, checks, mutations);
      if (version === null) for (const { key } of checks) reads.forget(questionOf(namespace, key));
      return version;
    },
  };
}
