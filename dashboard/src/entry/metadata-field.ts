/**
 * Reads the metadata field: JSON, or nothing.
 *
 * @throws Error which says where it is wrong
 */
export function parseMetadata(text: string): unknown {
  if (text.trim() === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`Metadata is JSON, and this is not: ${error instanceof Error ? error.message : error}`);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  if (bytes > 1024) throw new Error(`Metadata has at most 1,024 bytes. This has ${bytes}.`);
  return value;
}
