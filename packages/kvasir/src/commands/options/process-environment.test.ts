import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const MODULE = fileURLToPath(
  new URL("../../../dist/commands/options/process-environment.js", import.meta.url),
);

/** What a process reports about its own environment after it has taken a variable. */
function taken(env: Readonly<Record<string, string>>): unknown {
  const program = `
    import { execFileSync } from "node:child_process";
    import { readFileSync } from "node:fs";
    import { takeVariable } from ${JSON.stringify(MODULE)};
    const value = takeVariable("TOKEN");
    const initial = readFileSync("/proc/self/environ", "latin1").split("\\0").filter((text) => text !== "");
    const inherited = execFileSync("env", { encoding: "utf8" }).trim().split("\\n");
    console.log(JSON.stringify({ value, initial, inherited, own: { ...process.env } }));`;
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", program], { env, encoding: "utf8" }),
  );
}

it.runIf(process.platform === "linux")("a variable that is taken shows nowhere any more", () => {
  const others = { PATH: process.env["PATH"] ?? "", XTOKEN: "kept", TOKENS: "kept=secret" };
  const shown = Object.entries(others).map(([name, value]) => `${name}=${value}`);
  for (const env of [
    { TOKEN: "secret", ...others },
    { ...others, TOKEN: "secret ü" },
  ]) {
    const { value, initial, inherited, own } = taken(env) as Record<string, unknown>;
    expect({ value, initial, own }).toEqual({ value: env.TOKEN, initial: shown, own: others });
    expect(inherited).toEqual(expect.not.arrayContaining([expect.stringMatching(/^TOKEN=/)]));
  }
});
