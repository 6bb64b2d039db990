import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as names from "../../packages/kvasir/src/wire/names.ts";

/** What a client outside of workerd sends; the others are only for the code inside it. */
const SENT_BY_SDKS = [names.NAMESPACE_HEADER, names.SECRET_HEADER];
const SDKS = { python: [/\.py$/, "src/kvasir"], go: [/(?<!_test)\.go$/, "."] } as const;

for (const [sdk, [files, folder]] of Object.entries(SDKS)) {
  const source = sourceOf(fileURLToPath(new URL(`../../sdks/${sdk}/${folder}`, import.meta.url)), files);

  test.for(SENT_BY_SDKS)(`sdks/${sdk} sends the header %s by the name that the server reads`, (name) => {
    expect(source.toLowerCase()).toContain(`"${name}"`);
  });

  test(`sdks/${sdk} sends no header of Kvasir's that the server does not know`, () => {
    const sent = [...source.matchAll(/"(Kvasir-[A-Za-z-]+)"/g)].map(([, name = ""]) => name.toLowerCase());
    expect(Object.values(names)).toEqual(expect.arrayContaining(sent));
  });
}

function sourceOf(folder: string, files: RegExp): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => files.test(path))
    .map((path) => readFileSync(join(folder, path), "utf8"))
    .join("\n");
}
