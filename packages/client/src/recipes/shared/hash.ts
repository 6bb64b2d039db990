/**
 * MurmurHash3 (x86, 32 bits) of the text's UTF-8 bytes, as an integer from 0 to 2^32 - 1.
 *
 * This is part of the public contract: rollouts and variants depend on it, so it must be the same in every
 * process, language and release. It is fast and distributes evenly. It is not cryptographic: collisions are
 * easy to construct. A lone surrogate counts as U+FFFD, as in every UTF-8 encoder.
 *
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function stableHash(text: string, seed = 0): number {
  const bytes = encoder.encode(text);
  const tail = bytes.length & ~3;
  let hash = seed | 0;
  for (let at = 0; at < tail; at += 4) {
    const block =
      byteAt(bytes, at) |
      (byteAt(bytes, at + 1) << 8) |
      (byteAt(bytes, at + 2) << 16) |
      (byteAt(bytes, at + 3) << 24);
    hash ^= scrambled(block);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (tail < bytes.length) {
    hash ^= scrambled(byteAt(bytes, tail) | (byteAt(bytes, tail + 1) << 8) | (byteAt(bytes, tail + 2) << 16));
  }
  return avalanched(hash ^ bytes.length);
}

/**
 * Maps the parts to a fraction between 0 and 1, evenly distributed and always the same: {@link stableHash} of
 * the parts joined with U+0000, plus 0.5, divided by 2^32. It is never 0 and never 1, so that a share of 0
 * contains no user and a share of 1 all users.
 */
export function stableFraction(...parts: readonly string[]): number {
  return (stableHash(parts.join("\u0000")) + 0.5) / 2 ** 32;
}

const encoder = new TextEncoder();

/** Returns 0 past the end, as the hash expects for its last, shorter block. */
function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function scrambled(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

function avalanched(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
