import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BIN } from "../../harness/checkout.js";
import { startKvasir } from "../../harness/command.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { PYTHON } from "../../harness/languages.js";
import { Output } from "../../harness/output.js";
import { describeWith } from "../../harness/requirements.js";
import { temporaryProject } from "../../harness/temporary-directory.js";
import { ON_A_TERMINAL } from "../../harness/terminal.js";

const WORKER = `export default { fetch(request) {
  console.log("said by log"); console.warn("said by warn");
  return Response.json([request.cf.country, request.cf.colo, request.cf.custom]);
} };`;

test("--cf, --log-level and dev.ip have an effect", async () => {
  const cwd = temporaryProject({
    "wrangler.json": JSON.stringify({ name: "app", main: "w.js", dev: { ip: "127.0.0.2", port: 0 } }),
    "w.js": WORKER,
    "cf.json": '{"country":"DE","custom":{"a":1}}',
    "list.json": "[]",
  });
  const flags = ["--api-port", "0", "--log-level", "warn"];
  const dev = await startKvasir(["dev", ...flags, "--cf", "cf.json"], { cwd });
  expect(dev.functions).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/);
  expect(await (await fetch(dev.functions ?? "")).json()).toEqual(["DE", null, { a: 1 }]);
  await dev.errorLine(/said by warn/);
  expect(await dev.stop()).toBe(0);
  expect(dev.said).not.toMatch(/said by log|200 GET/);
});

describeWith(PYTHON, "hotkeys", () => {
  test("open pages, clear the screen and end dev, and Ctrl-C ends it", async () => {
    const cwd = temporaryProject({
      "w.js": WORKER,
      // Stands in for the desktop's program.
      "bin/xdg-open": '#!/bin/sh\necho "$1" >> "$OPENED"; echo done > "$OPENED.done"\n',
    });
    chmodSync(join(cwd, "bin/xdg-open"), 0o755);
    const opened = join(cwd, "opened");
    const env = cleanEnvironment({ CI: "", NO_COLOR: "1", OPENED: opened });
    for (const last of ["x", "\u0003"]) {
      const dev = [BIN, "dev", "w.js", "--port", "0", "--api-port", "0", "--inspector-port", "0"];
      const child = spawn(ON_A_TERMINAL[0], [...ON_A_TERMINAL.slice(1), process.execPath, ...dev], {
        cwd,
        env: { ...env, PATH: `${join(cwd, "bin")}:${env["PATH"]}` },
        stdio: ["pipe", "pipe", "inherit"],
      });
      const ended = once(child, "close");
      const screen = new Output(child.stdout, ended);
      const keys =
        /\[b\] open a browser {2}\[d\] open DevTools {2}\[e\] open the dashboard {2}\[c\] clear the screen {2}\[x\] exit/;
      await screen.find(keys);
      const line = await screen.find(/^functions /);
      if (last === "x") {
        child.stdin.write("c");
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what clears a screen
        await screen.find(/\u001b\[2J\u001b\[3J\u001b\[H.*\[b\] open/);
        child.stdin.write("B");
        while (!existsSync(`${opened}.done`)) await new Promise(setImmediate);
        expect(readFileSync(opened, "utf8").trim()).toBe(line.trim().split(" ")[1]);
      }
      child.stdin.write(last);
      expect((await ended)[0]).toBe(0);
    }
  });
});
