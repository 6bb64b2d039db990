import type { PortableEntry } from "@kvasir/store";
import { type Random, randomBytesOf } from "../../harness/random.js";

/** What every locator keeps, or what Workers KV does not keep as well: content types and milliseconds. */
export type Keeping = "everything" | "what Workers KV keeps";

const KEY_PARTS = [
  "a",
  "user:",
  "/",
  "#",
  "%",
  "ä",
  "\ufffd",
  "\u{1f600}",
  "\u{ffff}",
  " ",
  "0",
  "?",
  "__proto__",
];
const METADATA: readonly unknown[] = [
  0,
  "",
  false,
  [],
  {},
  { n: 1.5 },
  ["ä", null],
  { deep: { er: ["\u2028"] } },
];
const TEXTS = [
  "",
  "plain",
  "grüße",
  "\ufeffmark",
  "\ufffd",
  "line\r\nbreak",
  '{"json":true}',
  "\0",
  "\u{1f600}",
];
const TYPES = ["text/plain", "image/png", "application/json; charset=utf-8"];
const FAR_SECONDS = 4_000_000_000;

/** Entries with distinct keys of every kind that can be stored, in the order of their keys. */
export function randomEntries(random: Random, count: number, keeping: Keeping): readonly PortableEntry[] {
  const entries = new Map<string, PortableEntry>();
  while (entries.size < count) {
    const key = randomKey(random);
    if (key === "" || key === "." || key === "..") continue;
    entries.set(key, {
      key,
      value: randomValue(random),
      expirationMs: random.chance(0.3) ? randomExpiration(random, keeping) : null,
      metadata: random.chance(0.4) ? JSON.stringify(random.pick(METADATA)) : null,
      contentType: keeping === "everything" && random.chance(0.3) ? random.pick(TYPES) : null,
    });
  }
  return [...entries.values()].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

function randomKey(random: Random): string {
  const parts = Array.from({ length: random.between(1, 6) }, () => random.pick(KEY_PARTS));
  return random.chance(0.1) ? String(random.below(1000)) : parts.join("");
}

function randomValue(random: Random): Buffer {
  if (random.chance(0.6)) return Buffer.from(random.pick(TEXTS).repeat(random.pick([1, 1, 3, 500])));
  return randomBytesOf(String(random.next()), random.pick([1, 7, 1024, 1025, 30_000]));
}

function randomExpiration(random: Random, keeping: Keeping): number {
  const ms = (FAR_SECONDS + random.below(1_000_000)) * 1000;
  return keeping === "everything" ? ms + random.below(1000) : ms;
}
