import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

let project: Project;
let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
  project.remove();
});

const HELLO = 'export default { fetch: () => new Response("hello") };';

/** Resolves when a process is gone. The kernel notifies only parents, so this polls. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie: it has ended, but its new parent has not collected it yet.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || readFileSync(stat, "utf8").split(") ")[1]?.[0] !== "Z";
}

describe("a workerd that crashes", () => {
  it("is started again, while requests wait and none is refused", async () => {
    project = new Project({ "w.js": HELLO });
    running = await runFunctions([`${project.root}/w.js`]);
    for (let crash = 0; crash < 3; crash++) {
      const [pid] = running.functions.pids;
      process.kill(pid as number, "SIGKILL");
      await gone(pid as number);
      expect(await running.text()).toBe("hello");
      expect((await running.events.next("error", "ended unasked")).message).toContain("SIGKILL");
      expect(running.functions.pids).not.toContain(pid);
    }
  });

  it("is started again when a function loops without end", async () => {
    project = new Project({
      "w.js":
        'export default { fetch({ url }) { while (url.endsWith("/loop")); return new Response("hello"); } };',
    });
    running = await runFunctions([`${project.root}/w.js`], { mode: "serve", busyMsMax: 200 });
    const [pid] = running.functions.pids;
    await expect(running.text("/loop")).rejects.toThrow();
    expect((await running.events.next("error", "without a pause")).hint).toContain("loop that does not end");
    expect(await running.text()).toBe("hello");
    expect(running.functions.pids).not.toContain(pid);
  });

  it("goes on when it did not answer for long, but had no CPU to do so", async () => {
    project = new Project({ "w.js": HELLO });
    const busyMsMax = 200;
    running = await runFunctions([`${project.root}/w.js`], { mode: "serve", busyMsMax });
    const [pid] = running.functions.pids as [number];
    process.kill(pid, "SIGSTOP");
    const answer = running.text();
    // The test shows that nothing happens, so it can only wait for time to pass.
    await new Promise((resolve) => setTimeout(resolve, 5 * busyMsMax));
    process.kill(pid, "SIGCONT");
    expect(await answer).toBe("hello");
    expect(running.functions.pids).toEqual([pid]);
    expect(running.events.all.filter(({ event }) => event === "error")).toEqual([]);
  });

  it("does not stop the others that share its port", async () => {
    project = new Project({ "w.js": HELLO });
    running = await runFunctions([`${project.root}/w.js`], { mode: "serve", processes: 3 });
    const pids = [...running.functions.pids];
    expect(new Set(pids).size).toBe(3);
    process.kill(pids[0] as number, "SIGKILL");
    await gone(pids[0] as number);
    for (let request = 0; request < 20; request++) expect(await running.text()).toBe("hello");
    await running.events.next("error", "ended unasked");
  });
});

describe("workerd", () => {
  it("ends with a Kvasir that is killed", async () => {
    project = new Project({ "w.js": HELLO });
    const program = fileURLToPath(new URL("fixtures/start-and-wait.js", import.meta.url));
    const child = spawn(process.execPath, [program, `${project.root}/w.js`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(child.stdout, "data");
    const pids = JSON.parse(String(line)) as number[];
    expect(pids.map(isAlive)).toEqual([true]);
    child.kill("SIGKILL");
    await Promise.all(pids.map(gone));
  });

  it("ends with close(), after the requests under way", async () => {
    project = new Project({
      "w.js":
        "export default { async fetch() { console.log('begun'); await scheduler.wait(200); return new Response('finished'); } };",
    });
    running = await runFunctions([`${project.root}/w.js`]);
    const { functions, events } = running;
    const [pid] = functions.pids;
    const answer = fetch(functions.url);
    await events.next("log", "begun");
    await functions.close();
    expect(await (await answer).text()).toBe("finished");
    expect(isAlive(pid as number)).toBe(false);
    expect(events.all.filter(({ event }) => event === "error")).toEqual([]);
  });

  it("has none of Kvasir's environment", async () => {
    project = new Project({
      "wrangler.json": '{"main":"w.js","compatibility_flags":["nodejs_compat_populate_process_env"]}',
      "w.js": "export default { fetch: () => Response.json(process.env) };",
    });
    process.env["KVASIR_TEST_SECRET"] = "secret";
    try {
      running = await runFunctions([project.root]);
      expect(await running.text()).not.toContain("secret");
    } finally {
      delete process.env["KVASIR_TEST_SECRET"];
    }
  });
});

describe("what cannot start", () => {
  it("says that the port is in use, and by which option to change it", async () => {
    project = new Project({ "w.js": HELLO });
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    await expect(runFunctions([`${project.root}/w.js`], { port })).rejects.toMatchObject({
      message: `Port ${port} on 127.0.0.1 is in use.`,
      hint: expect.stringContaining("--port"),
    });
    other.close();
  });

  it("says that a host is not this machine's", async () => {
    project = new Project({ "w.js": HELLO });
    await expect(runFunctions([`${project.root}/w.js`], { host: "192.0.2.1" })).rejects.toThrow(
      "192.0.2.1 is not an address of this machine.",
    );
  });

  it("says that a config names no main", async () => {
    project = new Project({ "wrangler.json": "{}" });
    await expect(runFunctions([project.root])).rejects.toMatchObject({
      message: expect.stringContaining("names no main"),
    });
  });

  it("does not serve what does not build or load", async () => {
    project = new Project({ "a.js": "export default {", "b.js": "null.x; export default {}" });
    await expect(runFunctions([`${project.root}/a.js`], { mode: "serve" })).rejects.toThrow(/a\.js:1:17/);
    await expect(runFunctions([`${project.root}/b.js`], { mode: "serve" })).rejects.toThrow();
  });
});
