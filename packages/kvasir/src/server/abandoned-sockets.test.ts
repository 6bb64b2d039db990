import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ABANDONED_AFTER_MS } from "../http/limits.js";
import { removeAbandonedSockets } from "./abandoned-sockets.js";

function parent(): { readonly path: string; folder(name: string): string } {
  const path = mkdtempSync(join(tmpdir(), "kvasir-abandoned-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return {
    path,
    folder(name) {
      mkdirSync(join(path, name));
      return join(path, name);
    },
  };
}

function age(path: string): void {
  const seconds = (Date.now() - ABANDONED_AFTER_MS - 1000) / 1000;
  utimesSync(path, seconds, seconds);
}

/** Leaves a socket behind, as a killed process does. */
async function killedListener(path: string): Promise<void> {
  const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => console.log("listening"))`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
}

it.skipIf(process.platform === "win32")(
  "removes the sockets of a killed process, and nothing else",
  async () => {
    const { path, folder } = parent();
    const dead = folder("kvasir-aaaaaa");
    await killedListener(join(dead, "kv.sock"));
    age(join(dead, "kv.sock"));

    const young = folder("kvasir-bbbbbb");
    await killedListener(join(young, "kv.sock"));

    const live = folder("kvasir-cccccc");
    await killedListener(join(live, "1.sock"));
    age(join(live, "1.sock"));
    const server = createServer().listen(join(live, "2.sock"));
    await once(server, "listening");
    onTestFinished(() => void server.close());
    age(join(live, "2.sock"));

    const withFile = folder("kvasir-dddddd");
    writeFileSync(join(withFile, "data.mdb"), "");
    age(join(withFile, "data.mdb"));
    const empty = folder("kvasir-eeeeee");
    const foreign = folder("kvasir-notes");
    await killedListener(join(foreign, "kv.sock"));
    age(join(foreign, "kv.sock"));

    await removeAbandonedSockets(path);
    expect(existsSync(dead)).toBe(false);
    for (const kept of [young, live, withFile, empty, foreign])
      expect([kept, existsSync(kept)]).toEqual([kept, true]);
  },
);

it("does without a folder for temporary files", async () => {
  await removeAbandonedSockets(join(tmpdir(), "kvasir-none-such"));
});
