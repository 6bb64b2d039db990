import Cloudflare from "cloudflare";
import { describe, expect, it } from "vitest";
import { createToken } from "../../../packages/kvasir/src/api/auth/tokens.js";
import { ACCOUNT, ADMIN_TOKEN, startApi } from "../../harness/api.js";

async function start() {
  const api = await startApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
  const clientFor = (apiToken: string) =>
    new Cloudflare({ apiToken, baseURL: `${api.url}/client/v4`, maxRetries: 0 });
  return {
    api,
    clientFor,
    namespaces: clientFor(ADMIN_TOKEN).kv.namespaces,
    kv: api.database.namespaceById(api.namespaceId),
  };
}
const account = { account_id: ACCOUNT };
/** Calls for values and metadata name their namespace in addition to the account. */
const inNamespace = (id: string) => ({ ...account, namespace_id: id });

describe("the real cloudflare SDK", () => {
  it("creates, gets, lists, renames and deletes namespaces", async () => {
    const { api, namespaces } = await start();
    const { id } = await namespaces.create({ ...account, title: "sessions" });
    expect(await namespaces.get(id, account)).toEqual({ id, title: "sessions", supports_url_encoding: true });
    await expect(namespaces.create({ ...account, title: "sessions" })).rejects.toThrow(
      Cloudflare.BadRequestError,
    );
    for (let at = 0; at < 25; at++) await namespaces.create({ ...account, title: `more ${at}` });
    const titles: string[] = [];
    for await (const { title } of namespaces.list({ ...account, order: "title" })) titles.push(title);
    expect(titles).toHaveLength(27);
    expect(titles).toEqual([...titles].sort());
    await namespaces.update(id, { ...account, title: "visits" });
    expect((await namespaces.get(id, account)).title).toBe("visits");
    await namespaces.delete(id, account);
    await expect(namespaces.get(id, account)).rejects.toThrow(Cloudflare.NotFoundError);
    expect(await api.database.catalog.find("visits")).toBeNull();
  });

  it("writes, reads and deletes values, with TTL and with metadata that it flattens", async () => {
    const { api, namespaces, kv } = await start();
    const { namespaceId: id } = api;
    const key = "päth/to?a key#1%:@&=+;!";
    await namespaces.values.update(key, {
      ...inNamespace(id),
      value: "välue",
      expiration_ttl: 3600,
      metadata: { user: "Åsa", nested: { tags: ["a", "b"], n: 1 } },
    });
    const answer = await namespaces.values.get(key, inNamespace(id));
    expect(await answer.text()).toBe("välue");
    expect(answer.headers.get("expiration")).toBe(String(Math.floor(api.clock.nowMs() / 1000) + 3600));
    // The SDK sends numbers as text, and the server cannot tell the two apart.
    const metadata = { user: "Åsa", nested: { tags: ["a", "b"], n: "1" } };
    expect(await namespaces.metadata.get(key, inNamespace(id))).toEqual(metadata);

    await namespaces.values.update("json", { ...inNamespace(id), value: "v", metadata: '{"n":1}' });
    expect(await kv.getWithMetadata("json")).toMatchObject({ value: "v", metadata: { n: 1 } });

    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 256);
    const file = await Cloudflare.toFile(Buffer.from(bytes), "value.bin");
    await namespaces.values.update("bytes", { ...inNamespace(id), value: file as unknown as string });
    expect(new Uint8Array((await kv.get("bytes", "arrayBuffer")) as ArrayBuffer)).toEqual(bytes);

    await namespaces.values.delete(key, inNamespace(id));
    await namespaces.values.delete(key, inNamespace(id));
    await expect(namespaces.values.get(key, inNamespace(id))).rejects.toThrow(Cloudflare.NotFoundError);
  });

  it("lists over 1,000 keys, and puts, gets and deletes in bulk", async () => {
    const { api, namespaces, kv } = await start();
    const { namespaceId: id } = api;
    const body = Array.from({ length: 2500 }, (_, at) => ({
      key: `key:${String(at).padStart(4, "0")}`,
      value: `value ${at}`,
      metadata: { at },
    }));
    const written = await namespaces.bulkUpdate(id, { ...account, body });
    expect(written).toEqual({ successful_key_count: 2500, unsuccessful_keys: [] });
    const keys: unknown[] = [];
    for await (const key of namespaces.keys.list(id, { ...account, prefix: "key:" })) keys.push(key);
    expect(keys).toHaveLength(2500);
    expect(keys[2499]).toEqual({ name: "key:2499", metadata: { at: 2499 } });

    await kv.put("1", '{"n":1}', { expirationTtl: 60 });
    const expiration = Math.floor(api.clock.nowMs() / 1000) + 60;
    expect(await namespaces.bulkGet(id, { ...account, keys: ["key:0000", "1", "none"] })).toEqual({
      values: { "key:0000": "value 0", "1": '{"n":1}', none: null },
    });
    const described = await namespaces.bulkGet(id, {
      ...account,
      keys: ["1", "none"],
      type: "json",
      withMetadata: true,
    });
    expect(described).toEqual({
      values: { "1": { value: { n: 1 }, metadata: null, expiration }, none: null },
    });

    const names = body.map(({ key }) => key);
    expect(await namespaces.bulkDelete(id, { ...account, body: names })).toMatchObject({
      successful_key_count: 2500,
    });
    expect((await kv.list()).keys.map(({ name }) => name)).toEqual(["1"]);
  });

  it("sees its own error classes for a wrong token, too small a scope and a missing namespace", async () => {
    const { api, clientFor, namespaces } = await start();
    const { namespaceId: id } = api;
    const errors = [{ code: 10000, message: "Authentication error" }];
    await expect(clientFor("wrong").kv.namespaces.get(id, account)).rejects.toMatchObject({
      constructor: Cloudflare.AuthenticationError,
      errors,
    });
    const { token } = await createToken(api.database.store, { scope: "read", clock: api.clock });
    const reader = clientFor(token).kv.namespaces;
    await expect(reader.values.update("k", { ...inNamespace(id), value: "v" })).rejects.toMatchObject({
      constructor: Cloudflare.PermissionDeniedError,
      errors,
    });
    await expect(namespaces.keys.list("f".repeat(32), account)).rejects.toMatchObject({
      constructor: Cloudflare.NotFoundError,
      errors: [{ code: 10013, message: "list keys: 'namespace not found'" }],
    });
  });

  it("finds the account and verifies its token", async () => {
    const { clientFor } = await start();
    const client = clientFor(ADMIN_TOKEN);
    const accounts: string[] = [];
    for await (const { id } of client.accounts.list()) accounts.push(id);
    expect(accounts).toEqual(["0".repeat(32)]);
    expect((await client.user.tokens.verify()).status).toBe("active");
  });
});
