import { readFileSync } from "node:fs";

/**
 * What Kvasir adds to the global `KVNamespace` of Workers KV, as declarations of a script. They are the contract's own,
 * from the compiled declarations of `@kvasir/client`: a namespace `Kvasir` holds its types, because some of them have
 * names that Cloudflare's types have too. The methods are repeated in `KVNamespace`, because declarations of one
 * interface merge overload by overload, and an inherited method would have to fit all overloads at once.
 */
export function declareExtensions(): string[] {
  const contract = readContract();
  const typeNames = [...contract.matchAll(/^(?:interface|type) (\w+)/gm)].map(([, name]) => name);
  const qualified = (members: string) =>
    members.replace(new RegExp(`\\b(${typeNames.join("|")})\\b`, "g"), "Kvasir.$1");
  return [
    "// What Kvasir adds to Workers KV.",
    "declare namespace Kvasir {",
    ...usedTypes(contract)
      .trim()
      .split("\n")
      .map((line) => (line === "" ? "" : `\t${line}`)),
    "}",
    "interface KVNamespace<Key extends string = string> {",
    qualified(listOf(bodyOf(contract, "WorkersKV"))),
    qualified(bodyOf(contract, "KvExtensions")),
    "}",
  ];
}

/** The contract's types as statements of a namespace, in which everything is exported. */
function readContract(): string {
  const module = new URL(import.meta.resolve("@kvasir/client/namespace"));
  return readFileSync(new URL("kv-namespace.d.ts", module), "utf8")
    .replace(/^export (?=interface|type)/gm, "")
    .replace(/^export \{\};\n|^\/\/# .*\n?/gm, "")
    .replaceAll("    ", "\t");
}

/** The types that methods use: all but those of whole namespaces, with which the contract ends. */
function usedTypes(contract: string): string {
  return contract.slice(0, contract.lastIndexOf("/**", contract.indexOf("interface KvExtensions")));
}

function bodyOf(contract: string, name: string): string {
  const body = new RegExp(`^interface ${name}\\b[^\n]* \\{\n([^]*?)\n\\}`, "m").exec(contract)?.[1];
  if (body === undefined) throw new Error(`The types of @kvasir/client have no interface ${name}`);
  return body;
}

/** `list()` is Workers KV's own method, but its options and its keys have more. */
function listOf(members: string): string {
  return members
    .split("\n")
    .filter((line) => line.startsWith("\tlist<"))
    .join("\n");
}
