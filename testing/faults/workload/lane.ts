import type { KVNamespace } from "@kvasir/client";
import { BALANCES, COUNTER, groupKeys, plan, type Step } from "./plan.js";
import { bytesOf } from "./value.js";

/** A write that has resolved. */
export interface Acknowledgement {
  readonly lane: number;
  readonly step: number;
  /** The version that the operation returned, or `null` if it returns none. */
  readonly version: number | null;
}

export interface LaneOptions {
  readonly seed: string;
  readonly lane: number;
  /**
   * `honest` acknowledges a write when it has resolved. `cheating` acknowledges it before it starts, to test
   * the tests.
   */
  readonly manner: "honest" | "cheating";
  acknowledge(acknowledgement: Acknowledgement): void;
}

/** Carries out the plan, one step after the other, until a write fails or the process dies. */
export async function runLane(kv: KVNamespace, options: LaneOptions): Promise<never> {
  const { seed, lane, manner, acknowledge } = options;
  let step = 0;
  for (const next of plan(seed, lane)) {
    if (manner === "cheating") {
      acknowledge({ lane, step, version: null });
      await new Promise(setImmediate);
      await take(kv, { seed, lane, step, next });
    } else {
      acknowledge({ lane, step, version: await take(kv, { seed, lane, step, next }) });
    }
    step++;
  }
  throw new Error("A plan has no end.");
}

async function take(
  kv: KVNamespace,
  { next, ...author }: { seed: string; lane: number; step: number; next: Step },
): Promise<number | null> {
  switch (next.type) {
    case "put": {
      const { expiration, metadata, key, byteLength } = next;
      await kv.put(key, bytesOf(author, byteLength), {
        ...(metadata && { metadata: metadataOf(author) }),
        ...(expiration !== null && { expiration }),
      });
      return null;
    }
    case "stream":
      await kv.put(next.key, inChunks(bytesOf(author, next.byteLength)));
      return null;
    case "replace": {
      const { version } = await kv.getWithMetadata(next.key, { type: "arrayBuffer", version: true });
      const value = bytesOf(author, next.byteLength);
      const written = await kv.put(
        next.key,
        value,
        version === null ? { ifAbsent: true } : { ifVersion: version },
      );
      if (!written.ok) throw new Error(`${next.key} changed, though only this lane writes it.`);
      return written.version;
    }
    case "delete":
      await kv.delete(next.key);
      return null;
    case "touch":
      // Touching a missing key has no effect, and the plan's model says the same.
      return (await kv.touch(next.key, { expiration: next.expiration })).version;
    case "group": {
      const atomic = kv.atomic();
      for (const key of groupKeys(author.lane)) {
        if (next.remove) atomic.delete(key);
        else atomic.put(key, bytesOf(author, 100));
      }
      return (await atomic.commit()).version;
    }
    case "increment":
      await kv.increment(COUNTER, next.by);
      return null;
    case "transfer": {
      const [from, to] = BALANCES;
      return (await kv.atomic().increment(from, -next.amount).increment(to, next.amount).commit()).version;
    }
    case "hot":
      return (await kv.atomic().put(next.key, bytesOf(author, next.byteLength)).commit()).version;
  }
}

/** The metadata that a `put` stores with the value. */
export function metadataOf({ lane, step }: { readonly lane: number; readonly step: number }): object {
  return { lane, step };
}

function inChunks(bytes: Buffer): ReadableStream<Uint8Array> {
  const CHUNK = 50_000;
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(offset, offset + CHUNK));
      offset += CHUNK;
    },
  });
}
