import { KvError } from "@kvasir/client/namespace";
import { notFoundError } from "../../store/errors.js";
import type { Catalog, StoredNamespace } from "./catalog.js";
import type { Command, Reply } from "./connection.js";
import type { Partition } from "./layout.js";
import { isTold, type Place } from "./positions.js";
import { run } from "./script.js";
import type { Session } from "./session.js";
import { CLOSE } from "./upkeep-scripts.js";

/** A change as a partition has logged it. */
export interface LoggedChange {
  readonly type: "put" | "delete" | "expire";
  readonly generation: string;
  readonly key: string;
  readonly version: number;
  readonly partition: number;
  /** Its place among the changes of the same version. */
  readonly number: number;
}

/**
 * The log of changes of one namespace or of all, over all partitions that it concerns.
 *
 * Versions follow the clocks of the nodes, so a partition could still log a change with a smaller version than
 * one that another partition has logged. Before changes up to a version are told, each partition's time is
 * closed at it: then none is missing any more, and one version says how far a watch is.
 */
export class Feed {
  readonly #session: Session;
  readonly #catalog: Catalog;
  readonly #namespace: StoredNamespace | null;
  #ids: ReadonlyMap<string, string> = new Map();
  #partitions: readonly Partition[] = [];
  /** The version of the catalog when the namespaces were last read. */
  #catalogVersion = -1;

  /** `null`: all namespaces. */
  constructor(session: Session, catalog: Catalog, namespace: StoredNamespace | null) {
    this.#session = session;
    this.#catalog = catalog;
    this.#namespace = namespace;
    this.#partitions = namespace === null ? [catalog.keys.partition] : namespace.buckets;
  }

  /** What positions of this feed begin with. */
  get name(): string {
    return this.#namespace?.generation ?? "all";
  }

  /** @throws KvError `namespace_not_found` when the namespace of the feed has ended */
  async assertThere(): Promise<void> {
    if (this.#namespace === null) return;
    const { id } = this.#namespace.record;
    const { generation } = await this.#catalog.get(id);
    // A new namespace may have taken the id since.
    if (generation !== this.#namespace.generation) throw notFoundError(id);
  }

  /** The id of the namespace of a change. `null`: it was deleted, or is not of this feed. */
  idOf({ generation }: LoggedChange): string | null {
    if (this.#namespace !== null) {
      return generation === this.#namespace.generation ? this.#namespace.record.id : null;
    }
    return this.#ids.get(generation) ?? null;
  }

  /** The newest version of each partition, by its number. */
  async versions(): Promise<ReadonlyMap<number, number>> {
    if (this.#namespace === null) await this.#readNamespaces();
    return versionsBy(this.#partitions, (partition, command) => this.#session.plainRead(partition, command));
  }

  /**
   * The same after all writes that this process submitted before, and before those that it submits later: the
   * reads are submitted by the call itself. In a feed of all namespaces, of all partitions there are.
   */
  versionsNow(): Promise<ReadonlyMap<number, number>> {
    const partitions = this.#namespace === null ? this.#session.partitions : this.#partitions;
    return versionsBy(partitions, (partition, command) => this.#session.confirmedRead(partition, command));
  }

  /** Whether a position of this feed can be of these data. Every partition was closed before it was given out. */
  hasReached(versions: ReadonlyMap<number, number>, position: Place): boolean {
    const { partition } = this.#catalog.keys;
    // Partitions of a namespace that is younger than the position were not.
    const closed = this.#namespace === null ? [versions.get(partition.number) ?? 0] : [...versions.values()];
    return Math.min(...closed) >= position.version;
  }

  /**
   * All changes after `since` up to `version`, in order; of a partition that `from` names, only those with a
   * greater version than there.
   *
   * @throws KvError `watch_behind` when some of them are forgotten
   */
  async changes(
    since: Place,
    version: number,
    from: ReadonlyMap<number, number>,
  ): Promise<readonly LoggedChange[]> {
    const sinceOf = ({ number }: Partition): Place => {
      const least = from.get(number) ?? 0;
      return least > since.version ? { ...since, version: least, told: null } : since;
    };
    if (this.#namespace === null) {
      // First: a namespace that begins later has a greater version.
      const { partition } = this.#catalog.keys;
      await this.#close(partition, sinceOf(partition), version);
      await this.#readNamespaces();
    }
    const logged = await Promise.all(
      this.#partitions.map((partition) => this.#close(partition, sinceOf(partition), version)),
    );
    return logged.flat().sort(inOrderOfFeed);
  }

  /** Gives no version up to this one any more. */
  async close(version: number): Promise<void> {
    const nothing = { feed: this.name, version, told: null };
    await Promise.all(this.#partitions.map((partition) => this.#close(partition, nothing, version)));
  }

  async #close(partition: Partition, since: Place, version: number): Promise<readonly LoggedChange[]> {
    const first = since.told === null ? since.version + 1 : since.version;
    const command = run(CLOSE, [partition.changes, partition.version], [first, version]);
    const [reply] = await this.#session.write(partition, command);
    const [forgotten = "0-0", ...rows] = (reply as readonly unknown[]).map(String);
    if (!isTold(since, { partition: partition.number, ...parseId(forgotten) })) throw behindError();
    return Array.from({ length: rows.length / 3 }, (_, at) => {
      const [id = "", type = "", member = ""] = rows.slice(3 * at, 3 * at + 3);
      const colon = member.indexOf(":");
      return {
        type: type as LoggedChange["type"],
        generation: member.slice(0, colon),
        key: member.slice(colon + 1),
        partition: partition.number,
        ...parseId(id),
      };
    }).filter((change) => !isTold(since, change));
  }

  /** Reads which namespaces there are, if the catalog has changed. */
  async #readNamespaces(): Promise<void> {
    const { partition } = this.#catalog.keys;
    const reply = await this.#session.plainRead(partition, ["GET", partition.version]);
    const catalogVersion = Number(String(reply ?? 0));
    if (catalogVersion === this.#catalogVersion) return;
    const namespaces = await this.#catalog.all();
    this.#catalogVersion = catalogVersion;
    this.#ids = new Map(namespaces.map(({ generation, record }) => [generation, record.id]));
    const concerned = new Map<number, Partition>([[partition.number, partition]]);
    for (const { buckets } of namespaces) for (const bucket of buckets) concerned.set(bucket.number, bucket);
    this.#partitions = [...concerned.values()];
  }
}

async function versionsBy(
  partitions: readonly Partition[],
  read: (partition: Partition, command: Command) => Promise<Reply>,
): Promise<ReadonlyMap<number, number>> {
  const versions = await Promise.all(
    partitions.map(async (partition) => {
      const reply = await read(partition, ["GET", partition.version]);
      return [partition.number, Number(String(reply ?? 0))] as const;
    }),
  );
  return new Map(versions);
}

export function behindError(): KvError {
  return new KvError("watch_behind", "The changes since this position are no longer remembered.", {
    hint: "Read the keys again, then watch from now on.",
  });
}

function parseId(id: string): { readonly version: number; readonly number: number } {
  const [version, number] = id.split("-");
  return { version: Number(version), number: Number(number) };
}

function inOrderOfFeed(a: LoggedChange, b: LoggedChange): number {
  return a.version - b.version || a.partition - b.partition || a.number - b.number;
}
