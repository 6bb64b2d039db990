import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as wire from "@kvasir/client/http";
import { DELETE_PREFIX_OPTIONS, LIST_OPTIONS, TOUCH_OPTIONS } from "@kvasir/client/namespace";
import { describe, expect, it } from "vitest";
import * as names from "../../../packages/kvasir/src/wire/names.js";

// The clients in Python and Go have copies of the names that the client and the server share.

const HEADERS = [wire.METADATA_HEADER, wire.EXPIRATION_HEADER, wire.IF_VERSION_HEADER, wire.IF_ABSENT_HEADER];
const PATHS = [wire.BULK_GET_PATH, wire.ATOMIC_PATH, wire.INCREMENT_PATH, wire.TOUCH_PATH];

function sources(folder: string, extension: string): string {
  const root = fileURLToPath(new URL(`../../../sdks/${folder}`, import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  const own = files.filter((file) => file.endsWith(extension) && !/test/.test(file));
  return own.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
}

const OPTIONS = { ...LIST_OPTIONS, ...TOUCH_OPTIONS, ...DELETE_PREFIX_OPTIONS };

describe.each([
  ["python", sources("python/src/kvasir", ".py")],
  ["go", sources("go", ".go")],
])("sdks/%s", (_language, text) => {
  it("uses the headers and paths of the wire", () => {
    for (const name of HEADERS) expect(text).toContain(`"${name}"`);
    for (const path of PATHS) expect(text).toContain(path.slice(1));
    const sent = [...text.matchAll(/"(CF-[\w-]+)"/g)].map(([, name = ""]) => name);
    expect(sent.filter((name) => ![...HEADERS, wire.CACHE_STATUS_HEADER].includes(name as never))).toEqual(
      [],
    );
  });

  it("names the namespaces and the secret of a function's socket as the server does", () => {
    const sent = [...text.matchAll(/"(Kvasir-[\w-]+)"/g)].map(([, name = ""]) => name.toLowerCase());
    const known = [names.NAMESPACE_HEADER, names.NAMESPACES_HEADER, names.SECRET_HEADER];
    expect(new Set(sent)).toEqual(new Set(known));
  });

  it("uses the query parameters of the options", () => {
    const names = Object.keys(OPTIONS).map(wire.queryNameOf);
    const missing = names.filter((name) => !text.includes(`"${name}"`));
    expect(missing).toEqual([]);
  });
});
