/**
 * Decodes strict base64, with or without padding. Returns `null` for anything else. `Buffer.from` alone skips
 * invalid characters.
 */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64");
  const unpadded = text.endsWith("=") ? text.replace(/={1,2}$/, "") : text;
  // Compares lengths and the last bits, because scanning up to 35 MB with a regular expression would be slow.
  if (Math.floor((unpadded.length * 3) / 4) !== bytes.byteLength || unpadded.length % 4 === 1) return null;
  return /[-_]/.test(text) ? null : bytes;
}
