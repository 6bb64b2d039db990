import type { KVNamespace } from "../../kv-namespace.js";
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
  try {
    const { owner, untilMs } = JSON.parse(text ?? "null") as Lease;
    return typeof owner === "string" && Number.isFinite(untilMs) ? { owner, untilMs } : null;
  } catch {
    return null;
  }
}

/**
 * Takes a lease that nobody holds, or that ran out. One request; two where a holder that died has to be told from one
 * that was quicker.
 *
 * @param ranOut as it was read, if there was one
 * @returns `null` when somebody else was first
 */
export async function takeLease(
  kv: KVNamespace,
  key: string,
  {
    nowMs,
    leaseMs,
    ranOut,
  }: { readonly nowMs: number; readonly leaseMs: number; readonly ranOut: Lease | null },
): Promise<HeldLease | null> {
  const owner = crypto.randomUUID();
  const value = JSON.stringify({ owner, untilMs: nowMs + leaseMs } satisfies Lease);
  const expiry = { expirationTtl: storeTtl(leaseMs / 1000 + CLOCK_DIFFERENCE_SECONDS) };
  let condition: { readonly ifAbsent: true } | { readonly ifVersion: number } = { ifAbsent: true };
  if (ranOut !== null) {
    const there = await kv.getWithMetadata(key, { type: "text", version: true });
    if (there.version !== null) {
      if (parseLease(there.value)?.owner !== ranOut.owner) return null;
      condition = { ifVersion: there.version };
    }
  }
  const { ok, version } = await kv.put(key, value, { ...expiry, ...condition });
  return ok && version !== null ? { key, owner, version } : null;
}
