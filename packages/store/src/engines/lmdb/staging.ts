import { valueTooLargeError } from "../../store/errors.js";
import { PART_BYTES } from "../../store/limits.js";
import type { StagedValue } from "../../store/write.js";
import { type StagedBlob, stagedValue, writePart } from "./blobs.js";
import { STAGE_BATCH_BYTES, STAGED_KEPT_MS } from "./limits.js";
import { reclaimAt, reclaimEarly } from "./reclaim.js";
import type { Session } from "./session.js";

export type Parts = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes a value of unknown length in bounded memory. Each batch of parts is on disk before the next is read
 * from the source. After its first batch the value has a row in `reclaim`, so that an upload that a crash or
 * an error cut short does not take space for ever.
 *
 * @throws KvError `value_too_large`
 */
export async function stageValue(session: Session, parts: Parts, bytesMax: number): Promise<StagedValue> {
  const upload = new Upload(session);
  try {
    for await (const bytes of parts) {
      if (upload.byteLength + bytes.length > bytesMax)
        throw valueTooLargeError(upload.byteLength + bytes.length);
      await upload.add(bytes);
    }
    return await upload.finish();
  } catch (error) {
    // If this fails, for example on a full disk, the sweeper removes the value.
    await upload.abandon().catch(() => {});
    throw error;
  }
}

class Upload {
  byteLength = 0;
  readonly #session: Session;
  readonly #dueMs: number;
  #blob: number | null = null;
  #partsWritten = 0;
  #batch: Buffer[] = [];
  #part = Buffer.allocUnsafe(PART_BYTES);
  #partLength = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#dueMs = session.nowMs() + STAGED_KEPT_MS;
  }

  async add(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(PART_BYTES - this.#partLength, bytes.length - at);
      this.#part.set(bytes.subarray(at, at + taken), this.#partLength);
      this.#partLength += taken;
      at += taken;
      if (this.#partLength === PART_BYTES) {
        this.#batch.push(this.#part);
        this.#part = Buffer.allocUnsafe(PART_BYTES);
        this.#partLength = 0;
        if (this.#batch.length * PART_BYTES >= STAGE_BATCH_BYTES) await this.#flush();
      }
    }
    this.byteLength += bytes.length;
  }

  async finish(): Promise<StagedValue> {
    if (this.#partLength > 0) this.#batch.push(this.#part.subarray(0, this.#partLength));
    return stagedValue(await this.#flush(), this.byteLength);
  }

  /** Makes the sweeper remove what was written at its next round. */
  async abandon(): Promise<void> {
    const blob = this.#blob;
    if (blob === null) return;
    const nowMs = this.#session.nowMs();
    await this.#session.environment.committer.submit(({ tables }) =>
      reclaimEarly(tables, this.#dueMs, nowMs, blob),
    );
  }

  async #flush(): Promise<StagedBlob> {
    const batch = this.#batch;
    this.#batch = [];
    const first = this.#partsWritten;
    const bytes = batch.reduce((sum, part) => sum + part.length, 0);
    const known = this.#blob;
    this.#blob = await this.#session.environment.committer.submit((transaction) => {
      const blob = known ?? transaction.nextVersion();
      if (known === null) reclaimAt(transaction.tables, this.#dueMs, "blob", blob);
      for (const [index, part] of batch.entries()) writePart(transaction.tables, blob, first + index, part);
      return blob;
    }, bytes);
    this.#partsWritten += batch.length;
    return { blob: this.#blob, dueMs: this.#dueMs };
  }
}
