import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { isOutcomeUnknown } from "../shared/store-access.js";
import { storeTtl } from "../shared/store-ttl.js";
import { CLOCK_DIFFERENCE_SECONDS } from "./limits.js";

/** The right to compute an entry, as other callers see it. */
export interface Lease {
  readonly owner: string;
  /** In the time of the owner's clock. A caller whose clock is later may take the lease over. */
  readonly untilMs: number;
}

/** A lease held by this caller. Its result is stored only if the lease still has this version. */
export interface HeldLease {
  readonly key: string;
  readonly owner: string;
  readonly version: number;
}

export function parseLease(text: string | null): Lease | null {
  if (text === null) return null;
  try {
    const { owner, untilMs } = JSON.parse(text) as Lease;
    return typeof owner === "string" && Number.isFinite(untilMs) ? { owner, untilMs } : null;
  } catch {
    return null;
  }
}

/** The result of a lookup that a caller needs to take a lease. */
export interface Seen {
  /** Whether there was no entry at all, valid or not. */
  readonly absent: boolean;
  readonly lease: Lease | null;
}

/**
 * Takes a lease that is free or has expired, unless another caller was faster. One request; two if a dead
 * holder must be distinguished from a faster one.
 *
 * If the lookup found no entry, there still is none. If it found one, the entry may have been replaced since,
 * so the holder of the lease must look again.
 */
export async function takeLease(
  kv: KVNamespace,
  keys: { readonly entry: string; readonly lease: string },
  { absent, lease, nowMs, leaseMs }: Seen & { readonly nowMs: number; readonly leaseMs: number },
): Promise<HeldLease | null> {
  const owner = crypto.randomUUID();
  const value = JSON.stringify({ owner, untilMs: nowMs + leaseMs } satisfies Lease);
  const options = { expirationTtl: storeTtl(leaseMs / 1000 + CLOCK_DIFFERENCE_SECONDS) };
  let ranOut: number | null = null;
  if (lease !== null) {
    const there = await kv.getWithMetadata(keys.lease, { type: "text", version: true });
    if (there.version !== null && parseLease(there.value)?.owner !== lease.owner) return null;
    ranOut = there.version;
  }
  const commit = kv.atomic().check(keys.lease, ranOut).put(keys.lease, value, options);
  // Otherwise a caller whose lookup came before the entry would take the lease that was released after it.
  if (absent) commit.check(keys.entry, null);
  try {
    const { ok, version } = await commit.commit();
    return ok ? { key: keys.lease, owner, version } : null;
  } catch (error) {
    if (!isOutcomeUnknown(error)) throw error;
    // Without this look, others would wait for a lease that was taken and that nobody knows of.
    const there = await kv.getWithMetadata(keys.lease, { type: "text", version: true });
    if (there.version === null || parseLease(there.value)?.owner !== owner) throw error;
    return { key: keys.lease, owner, version: there.version };
  }
}
