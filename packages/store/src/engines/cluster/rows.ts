import type { Command, Reply } from "./connection.js";
import type { Joiner } from "./joint.js";
import type { Bucket } from "./layout.js";
import type { Session } from "./session.js";

type Keys = readonly string[];

/** Reads the rows of keys as the locator asks for. Others on the same bucket may share the command. */
export async function readRows(session: Session, bucket: Bucket, keys: Keys): Promise<readonly Reply[]> {
  const isFenced = session.locator.reads === "strong";
  const joint = { joiner: joinerOf(bucket, isFenced), part: keys, keys: keys.length };
  const bytes = keys.reduce((sum, key) => sum + key.length, 0);
  const lane = isFenced ? "writes" : "reads";
  return (await session.joined(bucket, lane, { joint, bytes, isRead: true })) as readonly Reply[];
}

const plain = new WeakMap<Bucket, Joiner<Keys>>();
const fenced = new WeakMap<Bucket, Joiner<Keys>>();

function joinerOf(bucket: Bucket, isFenced: boolean): Joiner<Keys> {
  const joiners = isFenced ? fenced : plain;
  const known = joiners.get(bucket);
  if (known !== undefined) return known;
  // A write after the read proves that the node still is the primary.
  const fence: readonly Command[] = isFenced ? [["SET", bucket.fence, ""]] : [];
  const joiner: Joiner<Keys> = {
    commandsOf: (parts) => [["HMGET", bucket.entries, ...parts.flat()], ...fence],
    repliesOf([rows], parts) {
      let at = 0;
      return parts.map(({ length }) => {
        const first = at;
        at += length;
        return (rows as readonly Reply[]).slice(first, at);
      });
    },
  };
  joiners.set(bucket, joiner);
  return joiner;
}
