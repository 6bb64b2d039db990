/** The versions of tags. `null`: the tag was never invalidated. */
export type TagVersions = ReadonlyMap<string, string | null>;

/**
 * A new version of a tag. It is a random text and no counter, so it works on plain Workers KV too, and it can be
 * written again if a response was lost. The time in it serves only tags that a computation adds.
 */
export function newTagVersion(nowMs: number): string {
  return `${crypto.randomUUID()}@${nowMs}`;
}

/**
 * Whether a tag was invalidated at this time or later, by the clock of the process that did it. A version without
 * a time is of an older release.
 */
export function isInvalidatedSince(version: string | null, sinceMs: number): boolean {
  const atMs = Number(version?.split("@")[1]);
  return atMs >= sinceMs;
}
