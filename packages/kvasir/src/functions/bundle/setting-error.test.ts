import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { settingError } from "./setting-error.js";

const NONE = { define: {}, jsxFactory: "h", jsxFragment: "Fragment" };

/** What esbuild itself says about the settings. */
async function refusalOf(code: string, options: Parameters<typeof build>[0], resolveDir = tmpdir()) {
  const stdin = { contents: code, resolveDir };
  const failure = await build({ ...options, stdin, bundle: true, write: false, logLevel: "silent" }).catch(
    (error) => error,
  );
  return failure.errors[0];
}

it.each([
  [
    { define: { HOST: "not json {" } },
    'define.HOST is "not json {", which is neither JSON nor the name of a value. A text needs quotes of its own: "\\"text\\"".',
  ],
  [
    { define: { "a-b": "1" } },
    'define has "a-b", which cannot be a name in code. Names are like VALUE or process.env.VALUE.',
  ],
  [
    { jsxFactory: "1x(" },
    'jsx_factory is "1x(", which is not the name of a function such as h or React.createElement.',
  ],
  [
    { jsxFragment: "1x(" },
    'jsx_fragment is "1x(", which is not the name of a function such as h or React.createElement.',
  ],
])("says what is wrong with %j", async (settings, sentence) => {
  const refusal = await refusalOf("", settings);
  expect(settingError(refusal, { ...NONE, ...settings })).toBe(sentence);
});

it("says how a file of an unknown kind is imported", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kvasir-settings-"));
  writeFileSync(join(folder, "a.png"), "");
  const refusal = await refusalOf('import "./a.png"', { absWorkingDir: folder }, folder);
  rmSync(folder, { recursive: true });
  expect(settingError(refusal, NONE)).toBe(
    'A .png file can be imported only with a rule: a.png. Add { "type": "Data", "globs": ["**/*.png"] } to "rules" of the config; "Text" instead of "Data" imports text.',
  );
});

it("leaves errors of the code to esbuild", async () => {
  expect(settingError(await refusalOf("const = 1", {}), NONE)).toBeUndefined();
});
