/** Control characters except tabs and line feeds, or a sequence that sets colours and the like. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
const CONTROL = /\u001b\[[\d;:]*m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Replaces control characters, line breaks included: a path comes from a client. */
export function printableLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}

/**
 * Replaces what moves the cursor, erases or otherwise controls a terminal. Line breaks, tabs and colours stay: what a
 * function prints may contain what its client sent.
 */
export function printableText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(CONTROL, (found) => (found.length > 1 ? found : "\ufffd"));
}
