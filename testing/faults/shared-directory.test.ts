/**
 * Not a fault: two servers and the command line use one data directory at the same time. Each sees at once
 * what the others acknowledged, and operations that read and write in one step do so across all of them.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { kvasir } from "../harness/command.js";
import { serve } from "../harness/kvasir-process.js";
import type { RunningApi } from "../harness/running-api.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

const INCREMENTS = 100;

async function startServer(directory: string): Promise<RunningApi> {
  const server = serve(directory);
  onTestFinished(() => server.kill());
  return server.ready();
}

describe("two servers and the command line on one data directory", () => {
  test("see each other's namespaces, entries and tokens", async () => {
    const directory = temporaryDirectory();
    const [one, two] = await Promise.all([startServer(directory), startServer(directory)]);
    const namespace = await one.createNamespace("shared");

    await one.namespace(namespace).put("of one", "1");
    expect(await two.namespace(namespace).get("of one")).toBe("1");

    const where = ["--namespace-id", namespace, "--data", directory];
    const put = await kvasir(["kv", "key", "put", "of the command line", "2", ...where]);
    expect(put.code, put.stderr).toBe(0);
    expect(await one.namespace(namespace).get("of the command line")).toBe("2");
    expect(await two.namespace(namespace).get("of the command line")).toBe("2");
    await two.namespace(namespace).delete("of one");
    const got = await kvasir(["kv", "key", "get", "of one", ...where]);
    expect(got.code).toBe(1);

    const created = await kvasir(["token", "create", "--scope", "read", "--json", "--data", directory]);
    expect(created.code, created.stderr).toBe(0);
    const { token } = JSON.parse(created.stdout) as { readonly token: string };
    for (const { url } of [one, two]) {
      const headers = { authorization: `Bearer ${token}` };
      const read = await fetch(`${url}/binding/${namespace}/of%20the%20command%20line?urlencoded=true`, {
        headers,
      });
      expect(read.status).toBe(200);
      const write = await fetch(`${url}/binding/${namespace}/x`, { method: "PUT", headers, body: "x" });
      expect(write.status).toBe(403);
    }
  });

  test("count together", async () => {
    const directory = temporaryDirectory();
    const [one, two] = await Promise.all([startServer(directory), startServer(directory)]);
    const namespace = await one.createNamespace("shared");
    const counted = await Promise.all(
      [one, two, one, two].map(async (api) => {
        const values: number[] = [];
        for (let index = 0; index < INCREMENTS; index++) {
          values.push(await api.namespace(namespace).increment("counter"));
        }
        return values;
      }),
    );
    const values = counted.flat().sort((a, b) => a - b);
    expect(values).toEqual(Array.from({ length: 4 * INCREMENTS }, (_, index) => index + 1));
  });
});
