/** A range of addresses. IPv4 addresses are part of IPv6, as `::ffff:a.b.c.d`. */
export interface AddressRange {
  readonly base: bigint;
  /** How many of the 128 bits, from the left, an address must share with the base. */
  readonly bits: number;
}

const V4_PREFIX = 0xffffn << 32n;
const V4_BITS_OFFSET = 96;

/** Parses an address without a port. Returns `undefined` for other text. */
export function parseAddress(text: string): bigint | undefined {
  const v4 = parseV4(text);
  return v4 === undefined ? parseV6(text) : V4_PREFIX | v4;
}

/** Parses `10.0.0.0/8`, `fd00::/8` or a single address. Returns `undefined` for other text. */
export function parseRange(text: string): AddressRange | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const base = parseAddress(address);
  if (base === undefined || rest.length > 0) return undefined;
  if (length === undefined) return { base, bits: 128 };
  const isV4 = !address.includes(":");
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (!(bits <= (isV4 ? 32 : 128))) return undefined;
  return { base, bits: isV4 ? bits + V4_BITS_OFFSET : bits };
}

export function isWithin(address: bigint, { base, bits }: AddressRange): boolean {
  const ignored = BigInt(128 - bits);
  return address >> ignored === base >> ignored;
}

/** Whether it contains every IPv4 or every IPv6 address. */
export function isEveryAddress({ base, bits }: AddressRange): boolean {
  return bits === 0 || (bits === V4_BITS_OFFSET && base >> 32n === V4_PREFIX >> 32n);
}

/** Removes the port, the brackets of an IPv6 address, and the prefix of an IPv4 address in IPv6 form. */
export function withoutPort(text: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1];
  const address = bracketed ?? text.replace(/^([^:]*):\d+$/, "$1");
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  // The last two groups may be written as an IPv4 address.
  const groupsText = text.replace(/[^:]*\..*$/, (tail) => {
    const v4 = parseV4(tail);
    return v4 === undefined ? "x" : `${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  });
  const halves = groupsText.split("::").map((half) => (half === "" ? [] : half.split(":")));
  const [left = [], right] = halves;
  const missing = 8 - left.length - (right?.length ?? 0);
  if (halves.length > 2 || (right === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...left, ...Array<string>(right === undefined ? 0 : missing).fill("0"), ...(right ?? [])];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}
