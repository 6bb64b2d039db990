import { isWithin, parseAddress, parseRange, withoutPort } from "./ip-address.js";

/** Tells whether an address is one of a trusted proxy. */
export function trustedAddresses(ranges: readonly string[]): (address: string) => boolean {
  const parsed = ranges.map(parseRange).filter((range) => range !== undefined);
  if (parsed.length === 0) return () => false;
  return (address) => {
    const bits = parseAddress(withoutPort(address));
    return bits !== undefined && parsed.some((range) => isWithin(bits, range));
  };
}
