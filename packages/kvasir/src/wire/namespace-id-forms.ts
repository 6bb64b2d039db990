const HEX = /^[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A namespace id in the form of the Telnyx API: a generated one as a UUID, one from a config unchanged. */
export function shownId(id: string): string {
  return HEX.test(id) ? dashed(id) : id;
}

/**
 * The ids that a namespace in a URL may have, the most likely first. Empty if the text cannot be an id. A
 * config may use a UUID with dashes as an id, so that form is included.
 */
export function possibleIds(text: string): string[] {
  if (!/^[\w.-]{1,64}$/.test(text)) return [];
  const lower = text.toLowerCase();
  const hex = UUID.test(lower) ? lower.replaceAll("-", "") : lower;
  return HEX.test(hex) ? [...new Set([hex, dashed(hex), text])] : [text];
}

function dashed(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
