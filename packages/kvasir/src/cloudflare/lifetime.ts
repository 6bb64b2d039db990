import type { PortableEntry } from "@kvasir/store";
import { LIFETIME_SECONDS_MIN } from "./limits.js";

/** Whether Cloudflare takes the expiration of an entry: it must be a minute away. */
export function lastsLongEnough({ expirationMs }: PortableEntry, nowMs: number): boolean {
  return expirationMs === null || expirationMs >= nowMs + LIFETIME_SECONDS_MIN * 1000;
}
