import { expect, it } from "vitest";
import { createToken } from "../../../packages/kvasir/src/api/auth/tokens.js";
import { ACCOUNT, ADMIN_TOKEN, startApi, type TestApi } from "../../harness/api.js";
import { describeWith } from "../../harness/requirements.js";
import { WRANGLER_REQUIREMENT, wrangler } from "../../harness/wrangler.js";

// Each command is a Node process of its own, which takes seconds to start.
const SLOW = { timeout: 240_000 };

async function start(options: { readonly account?: string; readonly token?: string } = {}) {
  const api = await startApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
  const { account = ACCOUNT, token = ADMIN_TOKEN } = options;
  return { api, cli: wrangler({ url: api.url, token, ...(account === "" ? {} : { account }) }) };
}

const kvOf = (api: TestApi) => api.database.namespaceById(api.namespaceId);

describeWith(WRANGLER_REQUIREMENT, "the real wrangler", () => {
  it("creates, lists, renames and deletes namespaces", SLOW, async () => {
    const { api, cli } = await start();
    expect(await cli.ok("kv", "namespace", "create", "sessions")).toContain("kv_namespaces");
    const taken = await cli.run("kv", "namespace", "create", "sessions");
    expect(taken.code).toBe(1);
    expect(taken.stdout + taken.stderr).toMatch(/already exists/);
    const listed = JSON.parse(await cli.ok("kv", "namespace", "list"));
    expect(listed.map((namespace: { title: string }) => namespace.title)).toEqual(["main", "sessions"]);
    const renamed = await cli.ok("kv", "namespace", "rename", "sessions", "--new-name", "visits");
    expect(renamed).toContain("visits");
    const { id } = (await api.database.catalog.find("visits")) as { id: string };
    await cli.ok("kv", "namespace", "delete", "--namespace-id", id, "-y");
    expect(await api.database.catalog.find("visits")).toBeNull();
  });

  it("puts with TTL and metadata, gets, lists and deletes keys", SLOW, async () => {
    const { api, cli } = await start();
    const at = ["--namespace-id", api.namespaceId, "--remote"];
    const key = "päth/to?a key#1%:@&=+";
    const metadata = { user: "Åsa", tags: ["a", "b"], n: 1 };
    const described = ["--metadata", JSON.stringify(metadata), "--ttl", "3600"];
    await cli.ok("kv", "key", "put", key, "välue", ...described, ...at);
    expect(await cli.ok("kv", "key", "get", key, ...at)).toBe("välue");
    expect(await kvOf(api).getWithMetadata(key)).toMatchObject({ value: "välue", metadata });
    const expiration = Math.floor(api.clock.nowMs() / 1000) + 3600;
    const listed = JSON.parse(await cli.ok("kv", "key", "list", ...at));
    expect(listed).toEqual([{ name: key, expiration, metadata }]);

    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    const path = cli.file("value.bin", bytes);
    await cli.ok("kv", "key", "put", "bytes", "--path", path, "--metadata", '{"form":true}', ...at);
    const stored = await kvOf(api).get("bytes", "arrayBuffer");
    expect(new Uint8Array(stored as ArrayBuffer)).toEqual(bytes);

    await cli.ok("kv", "key", "delete", key, ...at);
    expect(await kvOf(api).get(key)).toBeNull();
    const missing = await cli.run("kv", "key", "get", key, ...at);
    expect(missing.stdout + missing.stderr).toContain("404");
  });

  it("lists over 1,000 keys, and puts, gets and deletes in bulk", SLOW, async () => {
    const { api, cli } = await start();
    const at = ["--namespace-id", api.namespaceId, "--remote"];
    const pairs = Array.from({ length: 2500 }, (_, at) => ({
      key: `key:${String(at).padStart(4, "0")}`,
      value: at % 2 ? btoa(`value ${at}`) : `value ${at}`,
      base64: at % 2 === 1,
      metadata: { at },
    }));
    await cli.ok("kv", "bulk", "put", cli.file("pairs.json", JSON.stringify(pairs)), ...at);
    expect(await kvOf(api).get("key:0007")).toBe("value 7");
    const listed = JSON.parse(await cli.ok("kv", "key", "list", "--prefix", "key:", ...at));
    expect(listed).toHaveLength(2500);
    expect(listed[2499]).toEqual({ name: "key:2499", metadata: { at: 2499 } });

    const names = cli.file("names.json", JSON.stringify(["key:0000", "key:0001", "1", "none"]));
    await kvOf(api).put("1", "integer-like");
    const got = await cli.ok("kv", "bulk", "get", names, ...at);
    expect(JSON.parse(got.slice(got.indexOf("{"), got.lastIndexOf("}") + 1))).toEqual({
      "key:0000": "value 0",
      "key:0001": "value 1",
      "1": "integer-like",
      none: null,
    });
    const all = cli.file("all.json", JSON.stringify(listed.map(({ name }: { name: string }) => name)));
    await cli.ok("kv", "bulk", "delete", all, "-f", ...at);
    expect((await kvOf(api).list()).keys.map(({ name }) => name)).toEqual(["1"]);
  });

  it("finds the account by itself, and says who it is", SLOW, async () => {
    const { api, cli } = await start({ account: "" });
    const listed = JSON.parse(await cli.ok("kv", "namespace", "list"));
    expect(listed[0].id).toBe(api.namespaceId);
    expect(await cli.ok("whoami")).toContain("0".repeat(32));
  });

  it("shows the API's own errors for a wrong token and for too small a scope", SLOW, async () => {
    const { cli } = await start({ token: "wrong" });
    const wrong = await cli.run("kv", "namespace", "create", "x");
    expect(wrong.code).toBe(1);
    expect(wrong.stdout + wrong.stderr).toMatch(/Authentication error \[code: 10000\]/);

    const { api } = await start();
    const { token } = await createToken(api.database.store, { scope: "read", clock: api.clock });
    const reader = wrangler({ url: api.url, token, account: ACCOUNT });
    const at = ["--namespace-id", api.namespaceId, "--remote"];
    const refused = await reader.run("kv", "key", "put", "k", "v", ...at);
    expect(refused.code).toBe(1);
    expect(refused.stdout + refused.stderr).toMatch(/Authentication error \[code: 10000\]/);
    expect(await kvOf(api).get("k")).toBeNull();
  });
});
