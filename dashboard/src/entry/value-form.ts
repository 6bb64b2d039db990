/** How a value is shown. */
export type ValueForm = "text" | "json" | "hex" | "image";

/** Values up to this size are edited in the page. A browser is slow with larger texts. */
export const EDITED_BYTES_MAX = 1_048_576;

/** The value as text, or `undefined` if its bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What a value seems to be. */
export function formOf(bytes: Uint8Array<ArrayBuffer>): ValueForm {
  if (imageType(bytes) !== undefined) return "image";
  const text = bytes.length > EDITED_BYTES_MAX ? undefined : textOf(bytes);
  if (text === undefined) return "hex";
  return /^\s*[[{]/.test(text) && isJson(text) ? "json" : "text";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const IMAGES: readonly (readonly [type: string, first: readonly number[]])[] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/bmp", [0x42, 0x4d]],
];

/** The type of an image by its first bytes. SVG is not among them: it is text, and could hold scripts. */
export function imageType(bytes: Uint8Array): string | undefined {
  const isRiff = bytes.length > 12 && String.fromCharCode(...bytes.subarray(8, 12)) === "WEBP";
  if (isRiff) return "image/webp";
  return IMAGES.find(([, first]) => first.every((byte, at) => bytes[at] === byte))?.[0];
}

const HEX_BYTES = 16;
/** Lines of a hex view. */
const HEX_LINES_MAX = 4_096;

/** Address, bytes and characters, sixteen bytes a line, as `xxd` prints them. */
export function hexOf(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length && lines.length < HEX_LINES_MAX; at += HEX_BYTES) {
    const part = bytes.subarray(at, at + HEX_BYTES);
    const digits = Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const characters = Array.from(part, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
    ).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${digits.padEnd(HEX_BYTES * 3 - 1)}  ${characters}`);
  }
  if (bytes.length > HEX_BYTES * HEX_LINES_MAX) lines.push("… download the value to see the rest");
  return lines.join("\n");
}
