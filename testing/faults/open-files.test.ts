import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startKvasir } from "../harness/command.js";
import type { KvasirProcess } from "../harness/kvasir-process.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { descendantsOf } from "./machinery/descendants.js";

// Out of file descriptors: the process that has none left continues or is restarted, and reports the reason
// once.

const FILES_MAX = 256;
const WORKER = `let id;
export default { fetch: () => new Response(id ??= crypto.randomUUID()) };`;

describeWith({ name: "Linux", met: process.platform === "linux" }, "without free file descriptors", () => {
  it("workerd goes on or is started again at once, and its complaints are told once", async () => {
    // Each connection takes two descriptors. Which of the two is the first to be missing decides whether
    // workerd ends or closes the connection.
    const servers = await Promise.all(
      [FILES_MAX, FILES_MAX - 1].map((files) => startWithFewFiles(`ulimit -n ${files}`)),
    );
    const clients = await Promise.all(
      servers.flatMap(({ functions }) => Array.from({ length: 4 * FILES_MAX }, () => connected(functions))),
    );
    const line = await Promise.any(
      servers.map((server) => server.line(/"event":"error".*had too many open files/)),
    );
    expect(JSON.parse(line)).toMatchObject({ hint: expect.stringContaining("ulimit -n") });
    for (const client of clients) client.destroy();
    for (const server of servers) {
      await expect.poll(() => read(server.functions).catch(() => "")).toMatch(/^[0-9a-f-]{36}$/);
      const complaints = server.lines.filter((text) => text.includes("oo many open files"));
      // One complaint for each end, with growing pauses, and one for each kind of complaint before.
      expect(complaints.length).toBeLessThanOrEqual(8);
    }
  });

  it("a workerd that has ended is started again when the files are free, and new connections leave some", async () => {
    const server = await startWithFewFiles(`ulimit -n ${FILES_MAX}`);
    const idle = await Promise.all(Array.from({ length: FILES_MAX }, () => connected(server.api)));
    const event = JSON.parse(await server.line(/New connections are closed at once/));
    expect(event).toMatchObject({
      event: "error",
      message: expect.stringContaining(`${FILES_MAX / 2} are open`),
    });
    const [workerd] = workerdsOf(server);
    const before = await read(server.functions);
    process.kill(workerd as number, "SIGKILL");
    await expect.poll(() => read(server.functions).catch(() => before)).not.toBe(before);
    for (const socket of idle) socket.destroy();
    await expect.poll(() => read(`${server.api}/healthz`).catch(() => "")).toContain("ok");
    expect(server.lines.filter((text) => text.includes("New connections are closed"))).toHaveLength(1);
  });

  it("a function's process may open as many files as the system allows, also where Kvasir starts with few", async () => {
    const server = await startWithFewFiles(`ulimit -Sn ${FILES_MAX}; ulimit -Hn 4096`);
    for (const pid of workerdsOf(server)) {
      expect(readFileSync(`/proc/${pid}/limits`, "utf8")).toMatch(/^Max open files +4096 +4096/m);
    }
  });
});

function workerdsOf(server: KvasirProcess): number[] {
  return descendantsOf(server.pid).flatMap(({ pid, command }) =>
    command.includes("workerd serve") ? [pid] : [],
  );
}

async function read(url = ""): Promise<string> {
  const headers = { connection: "close" };
  return await (await fetch(url, { headers, signal: AbortSignal.timeout(5_000) })).text();
}

async function connected(url = ""): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

async function startWithFewFiles(limit: string): Promise<KvasirProcess> {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "worker.js"), WORKER);
  const args = ["dev", "worker.js", "--port", "0", "--api-port", "0", "--json"];
  return await startKvasir(args, { cwd, through: ["/bin/sh", "-c", `${limit}; exec "$0" "$@"`] });
}
