/**
 * The metadata option as JSON text. `null` is no metadata; `0`, `false` and `""` are some.
 *
 * @throws TypeError for what JSON cannot say (a circle, a BigInt)
 */
export function metadataText(metadata: unknown): string | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  // A function has no JSON. The native binding sends the word "undefined", which its backend cannot parse.
  return JSON.stringify(metadata) ?? "undefined";
}
