import { execFileSync, spawn } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { NODE_MODULES, ROOT } from "../../harness/checkout.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { KvasirProcess } from "../../harness/kvasir-process.js";
import { Project } from "../../harness/project.js";
import { describeWith } from "../../harness/requirements.js";
import { requireProgram } from "./programs.js";

const UNIT = join(ROOT, "deploy/kvasir.service");
/** Of 100; what `systemd-analyze security` calls the exposure, times ten. */
const EXPOSURE_MAX = 20;
const unit = readFileSync(UNIT, "utf8");
const setting = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1] ?? "";

describeWith(requireProgram("systemd-analyze"), "systemd-analyze", () => {
  test("finds nothing wrong with the unit", () => {
    expect(execFileSync("systemd-analyze", ["verify", UNIT], { encoding: "utf8", stdio: "pipe" })).toBe("");
  });

  test("finds the unit hardened", () => {
    const args = ["security", "--offline=true", `--threshold=${EXPOSURE_MAX}`, UNIT];
    expect(() => execFileSync("systemd-analyze", args, { stdio: "pipe" })).not.toThrow();
  });
});

/** Runs the unit's command as systemd would, in a project, with free ports and another data directory. */
function startUnit(environment: Readonly<Record<string, string>>): KvasirProcess {
  const project = new Project({ "wrangler.json": '{"name":"app","main":"w.js"}', "w.js": WORKER });
  onTestFinished(() => project.remove());
  symlinkSync(NODE_MODULES, join(project.root, "node_modules"));
  const command = setting("ExecStart").replace(
    "/var/lib/kvasir",
    join(project.root, setting("StateDirectory")),
  );
  const [program = "", ...args] = command.split(" ");
  const child = spawn(program, [...args, "--port", "0", "--api-port", "0"], {
    cwd: project.root,
    env: cleanEnvironment(environment),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const process = new KvasirProcess(child);
  onTestFinished(() => process.kill());
  return process;
}

const WORKER = "export default { fetch: () => new Response('ok') };";

test("the unit's command serves, logs as JSON, and ends with 0 in time", async () => {
  const server = startUnit(environmentFile("a-secret-of-my-own"));
  await server.ready();
  expect(await (await fetch(server.functions ?? "")).text()).toBe("ok");
  expect((await fetch(`${server.api}/client/v4/accounts`)).status).toBe(401);
  await server.line(/"event":"request".*"function":"app"/);
  const startMs = performance.now();
  expect(await server.stop(setting("KillSignal") as NodeJS.Signals)).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(Number(setting("TimeoutStopSec")) * 1000);
});

test("without a token in the environment file it does not start, and says why", async () => {
  const { code, stderr } = await startUnit(environmentFile(undefined)).ended;
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({
    event: "error",
    level: "error",
    message: expect.stringContaining("token"),
  });
});

/** The variables of deploy/kvasir.env, with its line for the token filled in, or as it is. */
function environmentFile(token: string | undefined): Record<string, string> {
  const text = readFileSync(join(ROOT, "deploy/kvasir.env"), "utf8");
  expect(text).toMatch(/^#KVASIR_TOKEN=$/m);
  const filled = token === undefined ? text : text.replace(/^#KVASIR_TOKEN=$/m, `KVASIR_TOKEN=${token}`);
  return Object.fromEntries(
    Array.from(filled.matchAll(/^(\w+)=(.*)$/gm), ([, name = "", value = ""]) => [name, value]),
  );
}
