import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { HARMLESS, HONOURED, NOT_INHERITED, type Shape, TOP_LEVEL_ONLY, UNSUPPORTED } from "./known-keys.js";

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const wrangler = createRequire(import.meta.url).resolve("wrangler/package.json");
const { definitions } = JSON.parse(
  readFileSync(wrangler.replace(/package\.json$/, "config-schema.json"), "utf8"),
) as { readonly definitions: Readonly<Record<string, Schema>> };

const keysOf = (name: string) => Object.keys(definitions[name]?.properties ?? {}).sort();
const ours = [...Object.keys(HONOURED), ...Object.keys(HARMLESS), ...UNSUPPORTED];

/** Keys whose values have a form that is not listed. */
const UNLISTED = new Set([
  "cloudchamber",
  "dev.container_engine",
  "durable_objects.code_update_strategy",
  "previews",
  "triggers.events",
  "vars",
]);

/** The paths of all nested keys of a schema, such as `kv_namespaces.binding`. Lists add nothing to a path. */
function schemaPaths(schema: Schema | undefined, path: string): string[] {
  if (schema === undefined || UNLISTED.has(path)) return [];
  if (schema.$ref !== undefined) {
    return schemaPaths(definitions[decodeURIComponent(schema.$ref.split("/").at(-1) ?? "")], path);
  }
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
      `${path}.${key}`,
      ...schemaPaths(value, `${path}.${key}`),
    ]),
    ...(schema.anyOf ?? []).flatMap((one) => schemaPaths(one, path)),
    ...schemaPaths(schema.items, path),
  ];
}

function shapePaths(shape: Shape | undefined, path: string): string[] {
  if (shape === undefined || typeof shape === "string") return [];
  if (Array.isArray(shape)) return shapePaths(shape[0], path);
  if ("oneOf" in shape) return (shape.oneOf as readonly Shape[]).flatMap((one) => shapePaths(one, path));
  return Object.entries(shape).flatMap(([key, value]) =>
    key === "*" ? [] : [`${path}.${key}`, ...shapePaths(value, `${path}.${key}`)],
  );
}

describe("the list of known keys", () => {
  it("has each key of wrangler's schema once, and no other", () => {
    expect([...ours, "env"].sort()).toEqual(keysOf("RawConfig"));
  });

  it("knows which keys count at the top level only", () => {
    const environment = new Set(keysOf("RawEnvironment"));
    expect([...TOP_LEVEL_ONLY].sort()).toEqual(keysOf("RawConfig").filter((key) => !environment.has(key)));
  });

  it("lets environments inherit what wrangler lets them inherit", () => {
    const program = readFileSync(wrangler.replace(/package\.json$/, "wrangler-dist/cli.js"), "utf8");
    const calls = program.matchAll(/notInheritable\(\s*diagnostics,\s*topLevelEnv,[^"]*"(\w+)"/g);
    expect([...NOT_INHERITED].sort()).toEqual([...calls].map(([, key]) => key).sort());
  });

  it("has the nested keys of wrangler's schema, and no other", () => {
    // Older configs have it, and wrangler takes it.
    const older = new Set(["services.environment"]);
    for (const [key, shape] of Object.entries({ ...HONOURED, ...HARMLESS })) {
      const theirs = schemaPaths(definitions["RawConfig"]?.properties?.[key], key);
      const wanted = [...new Set(theirs)];
      const known = [...new Set(shapePaths(shape, key))].filter((path) => !older.has(path));
      expect(known.sort()).toEqual(wanted.sort());
    }
  });
});
