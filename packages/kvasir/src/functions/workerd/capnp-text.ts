import type { CapnpValue } from "../surroundings/capnp-value.js";

/** Renders a value as text. Fields that are `undefined` are omitted. */
export function capnpText(value: CapnpValue): string {
  if (typeof value === "string") return textLiteral(value);
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  if (value === null) return "void";
  // An empty hexadecimal literal does not parse. An empty text is accepted for bytes too.
  if (value instanceof Uint8Array && value.byteLength === 0) return `""`;
  if (value instanceof Uint8Array) {
    return `0x"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}"`;
  }
  if (Array.isArray(value)) return `[${value.map(capnpText).join(", ")}]`;
  const fields = Object.entries(value).filter(
    (field): field is [string, CapnpValue] => field[1] !== undefined,
  );
  return `(${fields.map(([name, field]) => `${name} = ${capnpText(field)}`).join(", ")})`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

/** Escapes only quotes, backslashes and control characters. All other characters stay as UTF-8. */
function textLiteral(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
  const escaped = text.replace(/[\\"\u0000-\u001f\u007f]/g, (character) => {
    return ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}
