import { KvError } from "@kvasir/client/namespace";
import {
  checkEntry,
  type EntrySink,
  type OnConflict,
  type PortableEntry,
  type RefusedEntry,
  type SinkOptions,
  type WriteReport,
} from "@kvasir/store";
import { BulkWriter } from "./bulk-writer.js";
import { existingKeys } from "./existing-keys.js";
import { lastsLongEnough } from "./lifetime.js";
import type { NamespaceAddress } from "./listed-keys.js";
import type { CloudflareRequester } from "./requester.js";

export interface CloudflareSinkOptions extends NamespaceAddress, SinkOptions {}

/**
 * A namespace at Cloudflare that entries are written to. The API has no conditions: with `skip` and `fail` it
 * is asked for the keys first, so a key that another program creates in between is overwritten. An entry that expires
 * within about a minute counts as expired, because the API refuses it.
 */
export class CloudflareSink implements EntrySink {
  readonly #requester: CloudflareRequester;
  readonly #options: CloudflareSinkOptions;
  readonly #writer: BulkWriter;

  constructor(requester: CloudflareRequester, options: CloudflareSinkOptions) {
    this.#requester = requester;
    this.#options = options;
    this.#writer = new BulkWriter(requester, options);
  }

  async write(entries: readonly PortableEntry[]): Promise<WriteReport> {
    const { onConflict = "overwrite", dryRun = false } = this.#options;
    const refused: RefusedEntry[] = [];
    const index = new Map(entries.map((entry, at) => [entry, at]));
    const refuse = (entry: PortableEntry, error: KvError) =>
      refused.push({ index: index.get(entry) ?? 0, error });
    const valid = entries.filter((entry) => {
      const problem = problemOf(entry);
      if (problem !== undefined) refuse(entry, problem);
      return problem === undefined;
    });
    const lasting = valid.filter((entry) => lastsLongEnough(entry, this.#requester.nowMs()));
    const wanted = onConflict === "overwrite" ? lasting : await this.#absent(lasting, onConflict, refuse);
    const failed = dryRun ? [] : await this.#writer.write(wanted);
    const unwritten = new Set(failed.map(({ entry }) => entry));
    let late = 0;
    for (const { entry, error } of failed) {
      // It was in order when the batch began.
      if (error === undefined) late++;
      else refuse(entry, error);
    }
    const conflicts = onConflict === "skip" ? lasting.length - wanted.length : 0;
    return {
      written: wanted.length - failed.length,
      bytes: wanted.reduce((bytes, entry) => bytes + (unwritten.has(entry) ? 0 : entry.value.byteLength), 0),
      skipped: conflicts,
      expired: valid.length - lasting.length + late,
      refused: refused.sort((a, b) => a.index - b.index),
    };
  }

  async #absent(
    entries: readonly PortableEntry[],
    onConflict: OnConflict,
    refuse: (entry: PortableEntry, error: KvError) => void,
  ): Promise<readonly PortableEntry[]> {
    const existing = await existingKeys(
      this.#requester,
      this.#options,
      entries.map(({ key }) => key),
    );
    return entries.filter((entry) => {
      if (!existing.has(entry.key)) return true;
      if (onConflict === "fail") refuse(entry, new KvError("condition_failed", "The key exists already"));
      return false;
    });
  }
}

/** Why the API would refuse an entry, and with it all others of the same request. */
function problemOf(entry: PortableEntry): KvError | undefined {
  try {
    checkEntry(entry);
    return undefined;
  } catch (error) {
    if (error instanceof KvError) return error;
    throw error;
  }
}
