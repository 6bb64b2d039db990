/** The source file of each import path of a package, by the path. */
export function sourceAliases(folder: "client" | "store" | "kvasir"): Record<string, string>;
