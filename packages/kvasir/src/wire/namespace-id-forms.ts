const HEX = /^[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A namespace id as the Telnyx API shows it: a generated one as a UUID, one that a config chose as it is. */
export function shownId(id: string): string {
  return HEX.test(id) ? dashed(id) : id;
}

/**
 * The ids that a namespace named so in a URL may have, the likeliest first; none for what can be no id. A config
 * may have chosen a UUID with its dashes, so that form is looked for as well.
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
