import { randomBytes } from "node:crypto";
import { KvError } from "@kvasir/client/namespace";
import type { LargeValue } from "../../store/entry.js";
import { replacedError, stagedGoneError, valueTooLargeError } from "../../store/errors.js";
import type { StagedValue } from "../../store/write.js";
import type { StoredEntry } from "./entry-codec.js";
import type { Partition } from "./layout.js";
import { BLOB_PART_BYTES, STAGED_KEPT_MS } from "./limits.js";
import type { Session } from "./session.js";

/**
 * Large values: each is one string of the cluster, in the partition of its entry. It expires by itself until a
 * put takes it over.
 */

/**
 * Writes a value of unknown length in bounded memory.
 *
 * @throws KvError `value_too_large` as soon as `bytesMax` is passed
 */
export async function stageValue(
  session: Session,
  partition: Partition,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { bytesMax }: { readonly bytesMax: number },
): Promise<StagedValue> {
  const blob = randomBytes(12).toString("base64url");
  const key = blobKey(partition, blob);
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  let byteLength = 0;
  let isBegun = false;
  const flush = async () => {
    const bytes = Buffer.concat(gathered);
    gathered = [];
    gatheredBytes = 0;
    isBegun = true;
    await append(session, partition, key, bytes);
  };
  try {
    for await (const part of parts) {
      byteLength += part.length;
      if (byteLength > bytesMax) throw valueTooLargeError(byteLength);
      gathered.push(part);
      gatheredBytes += part.length;
      if (gatheredBytes >= BLOB_PART_BYTES) await flush();
    }
    if (gatheredBytes > 0 || !isBegun) await flush();
  } catch (error) {
    // If this fails too, the value expires by itself.
    if (isBegun) await session.write(partition, ["UNLINK", key]).catch(() => {});
    throw error;
  }
  return { blobId: `${partition.number}.${blob}`, byteLength };
}

export function parseStaged({ blobId }: StagedValue): { readonly partition: number; readonly blob: string } {
  const [, partition, blob] = /^(\d{1,4})\.([\w-]+)$/.exec(blobId) ?? [];
  if (partition === undefined || blob === undefined) throw stagedGoneError();
  return { partition: Number(partition), blob };
}

/** The value of an entry, whether it lies in the entry or apart. */
export function storedValue(
  session: Session,
  partition: Partition,
  { blob, value, valueBytes }: StoredEntry,
): Uint8Array | LargeValue {
  return blob === null ? value : largeValue(session, partition, { blob, byteLength: valueBytes });
}

/** A large value that is read part by part. */
function largeValue(
  session: Session,
  partition: Partition,
  { blob, byteLength }: { readonly blob: string; readonly byteLength: number },
): LargeValue {
  const key = blobKey(partition, blob);
  return {
    byteLength,
    async *parts() {
      for (let at = 0; at < byteLength; at += BLOB_PART_BYTES) {
        const end = Math.min(at + BLOB_PART_BYTES, byteLength);
        session.assertOpen();
        const part = await session.plainRead(partition, ["GETRANGE", key, at, end - 1]);
        if (!Buffer.isBuffer(part) || part.length !== end - at) throw replacedError();
        yield part;
      }
    },
  };
}

/** A part whose outcome is unknown makes the value useless, and nothing that can be seen has changed. */
async function append(session: Session, partition: Partition, key: string, bytes: Buffer): Promise<void> {
  try {
    await session.write(partition, ["APPEND", key, bytes], ["PEXPIRE", key, STAGED_KEPT_MS]);
  } catch (error) {
    if (!(error instanceof KvError) || error.code !== "outcome_unknown") throw error;
    throw new KvError("unavailable", "The value could not be sent to the cluster. Nothing was changed.", {
      hint: "Try again.",
      cause: error,
    });
  }
}

export function blobKey({ prefix }: Partition, blob: string): string {
  return `${prefix}b:${blob}`;
}
