import type { KVNamespace } from "../../namespace/kv-namespace.js";
import { storeTtl } from "../store-ttl.js";
import { CLOCK_DIFFERENCE_SECONDS } from "./limits.js";

/** The right to compute an entry, as others see it. */
export interface Lease {
  readonly owner: string;
  /** By its owner's clock. Whoever reads a later time may take it over. */
  readonly untilMs: number;
}

/** A lease of one's own. What is computed under it is stored only while it stands at this version. */
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

/** What a look found, and who takes a lease goes by. */
export interface Seen {
  /** Whether there was any entry, of use or not. */
  readonly absent: boolean;
  readonly lease: Lease | null;
}

/**
 * Takes a lease that nobody holds, or that ran out, unless somebody was first. One request; two where a holder that
 * died has to be told from one that was quicker.
 *
 * Where there was no entry there still is none. Where there was one, another may have taken its place since the look:
 * who has the lease has to look again.
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
  // Without this a caller that looked before an entry came would take the lease that was given back after it.
  if (absent) commit.check(keys.entry, null);
  const { ok, version } = await commit.commit();
  return ok ? { key: keys.lease, owner, version } : null;
}
