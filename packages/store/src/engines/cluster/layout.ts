import { PARTITIONS, SLOTS } from "./limits.js";
import { slotOf } from "./slot.js";

/**
 * Where things are in the cluster. Every rule here is part of the format of the data: entries that were
 * written by another rule would not be found.
 *
 * A store has a fixed number of partitions. Each has a hash tag that lies in a slot of its own, at equal
 * distances, so that any number of nodes gets an equal share. A namespace has B buckets (B is a power of two),
 * each in another partition.
 */

/** A partition of a store, and the keys of the cluster that belong to it. */
export interface Partition {
  readonly number: number;
  readonly slot: number;
  /** Sorted set of what expires: the score is the time in milliseconds, a member is `generation:key`. */
  readonly expiry: string;
  /** Stream of changes. Ids are versions. */
  readonly changes: string;
  /** The last version. No change gets a version up to this one any more. */
  readonly version: string;
  /** A key whose writing proves that this node still is the primary. */
  readonly fence: string;
  /** What the names of all other keys begin with. */
  readonly prefix: string;
}

/** A bucket of a namespace: the entries that lie in one partition. */
export interface Bucket extends BucketKeys {
  readonly generation: string;
  /** The version at which the namespace began: all versions of its entries pass it. */
  readonly begin: number;
}

/** The names of what a bucket is kept in. */
export interface BucketKeys extends Partition {
  /** Hash: from keys to entries. A field `""` says that the namespace has ended. */
  readonly entries: string;
  /** Sorted set of the keys, in the order of their bytes. */
  readonly index: string;
}

/** The partitions of the store `name`. */
export function partitionsOf(name: string): readonly Partition[] {
  return tags().map((tag, number) => {
    const prefix = `${name}:{${tag}}`;
    return {
      number,
      slot: number * SLOTS_EACH,
      expiry: `${prefix}x`,
      changes: `${prefix}c`,
      version: `${prefix}v`,
      fence: `${prefix}f`,
      prefix,
    };
  });
}

/** The buckets of a generation of a namespace. */
export function bucketsOf(
  partitions: readonly Partition[],
  {
    generation,
    begin,
    buckets,
  }: { readonly generation: string; readonly begin: number; readonly buckets: number },
): readonly Bucket[] {
  const first = hash(generation);
  return Array.from({ length: buckets }, (_, at) => {
    const partition = partitions[(first + at * (PARTITIONS / buckets)) % PARTITIONS];
    if (partition === undefined) throw new TypeError(`There are ${partitions.length} partitions.`);
    return { ...bucketIn(partition, generation), generation, begin };
  });
}

/** What the bucket of a generation that lies in a partition is kept in. */
export function bucketIn(partition: Partition, generation: string): BucketKeys {
  const { prefix } = partition;
  return { ...partition, entries: `${prefix}e:${generation}`, index: `${prefix}i:${generation}` };
}

/** Which of `buckets` buckets holds a key. Keys with the same tag share one. */
export function bucketNumber(key: string, buckets: number): number {
  return hash(tagOf(key)) & (buckets - 1);
}

/**
 * What is between the first `{` and the next `}`, if that is not empty. Otherwise what the keys of one recipe share;
 * otherwise the whole key.
 */
export function tagOf(key: string): string {
  const open = key.indexOf("{");
  if (open !== -1) {
    const close = key.indexOf("}", open + 1);
    if (close !== -1 && close !== open + 1) return key.slice(open + 1, close);
  }
  const first = key.indexOf(":");
  const parts = first === -1 ? undefined : RECIPE_PARTS.get(key.slice(0, first));
  if (parts === undefined) return key;
  const end = parts === 1 ? first : key.indexOf(":", first + 1);
  return end === -1 ? key : key.slice(0, end);
}

/**
 * The default prefixes of recipes that commit several of their keys at once, and how many parts of a key, divided by
 * `:`, all keys of such a commit share. So recipes work with their defaults: a lock is in one bucket, and so are all
 * sessions of a namespace.
 */
export const RECIPE_PARTS: ReadonlyMap<string, 1 | 2> = new Map([
  ["cache", 1],
  ["session", 1],
  ["lock", 2],
  ["event-log", 2],
  ["experiment", 2],
]);

/** Hash of what the whole store must agree on. It is in the first partition, as the catalog is. */
export function formatKey({ prefix }: Partition): string {
  return `${prefix}s`;
}

/** The partition in which a table of records lies. */
export function recordPartition(partitions: readonly Partition[], table: string): Partition {
  const partition = partitions[hash(table) % PARTITIONS];
  if (partition === undefined) throw new TypeError(`There are ${partitions.length} partitions.`);
  return partition;
}

const SLOTS_EACH = SLOTS / PARTITIONS;

let knownTags: readonly string[] | undefined;

/** The first tags, in the order of numbers in base 36, that lie in the slots of the partitions. */
function tags(): readonly string[] {
  if (knownTags !== undefined) return knownTags;
  const found: string[] = new Array(PARTITIONS);
  for (let at = 0, left = PARTITIONS; left > 0; at++) {
    const tag = at.toString(36);
    const partition = slotOf(tag) / SLOTS_EACH;
    if (!Number.isInteger(partition) || found[partition] !== undefined) continue;
    found[partition] = tag;
    left--;
  }
  knownTags = found;
  return found;
}

/** FNV-1a over UTF-16 units, mixed so that its low bits depend on all of them. */
function hash(text: string): number {
  let state = 2_166_136_261;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 16_777_619);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d);
  state = Math.imul(state ^ (state >>> 12), 0x297a_2d39);
  return (state ^ (state >>> 15)) >>> 0;
}
