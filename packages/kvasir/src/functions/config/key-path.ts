/** The keys that lead to a value of a config. */
export type KeyPath = readonly (string | number)[];

/** For messages: `kv_namespaces[0].binding`. */
export function keyText(keys: KeyPath): string {
  if (keys.length === 0) return "the config";
  return keys.map((key, at) => (typeof key === "number" ? `[${key}]` : at === 0 ? key : `.${key}`)).join("");
}
