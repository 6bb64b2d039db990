import Telnyx, {
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  UnprocessableEntityError,
} from "telnyx";
import { expect, it } from "vitest";
import { ADMIN_TOKEN } from "../../harness/api.js";
import { startTelnyx, type TelnyxApi } from "./telnyx-api.js";

/** The official SDK from the registry, unmodified. Only its base URL is ours. */
function sdk(api: TelnyxApi, apiKey = "any"): Telnyx {
  return new Telnyx({ apiKey, baseURL: `${api.url}/v2`, maxRetries: 0 });
}

it("takes a namespace and a key through their whole life", async () => {
  const { kvs } = sdk(await startTelnyx()).storage;

  const { data: created } = await kvs.create({ name: "my-cache" });
  expect(created).toMatchObject({ record_type: "storage_kv", name: "my-cache", status: "provision_ok" });
  const id = created?.id as string;
  expect((await kvs.retrieve(id)).data).toEqual(created);

  await kvs.keys.update("user/1", '{"name":"Ada"}', { id });
  const read = await kvs.keys.retrieve("user/1", { id });
  expect(read.headers.get("content-type")).toBe("application/octet-stream");
  expect(await read.json()).toEqual({ name: "Ada" });

  await kvs.keys.delete("user/1", { id });
  await kvs.keys.delete("user/1", { id });
  await expect(kvs.keys.retrieve("user/1", { id })).rejects.toThrow(NotFoundError);

  expect((await kvs.delete(id)).data).toMatchObject({ id, status: "deleting" });
  await expect(kvs.retrieve(id)).rejects.toThrow(NotFoundError);
});

it("stores every byte of a value as it is", async () => {
  const api = await startTelnyx();
  const { keys } = sdk(api).storage.kvs;
  const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256);
  await keys.update("bytes", bytes, { id: api.id });
  const read = new Uint8Array(await (await keys.retrieve("bytes", { id: api.id })).arrayBuffer());
  expect(Buffer.compare(read, bytes)).toBe(0);
});

it("lets a key expire after ttl_secs", async () => {
  const api = await startTelnyx();
  const { keys } = sdk(api).storage.kvs;
  await keys.update("session", "Ada", { id: api.id, ttl_secs: 2 });
  api.clock.advance(1_000);
  expect(await (await keys.retrieve("session", { id: api.id })).text()).toBe("Ada");
  api.clock.advance(1_000);
  await expect(keys.retrieve("session", { id: api.id })).rejects.toThrow(NotFoundError);
});

it("pages through all keys by itself", async () => {
  const api = await startTelnyx();
  const { keys } = sdk(api).storage.kvs;
  const written = Array.from({ length: 25 }, (_, at) => `log/${String(at).padStart(2, "0")}`);
  for (const key of written) await keys.update(key, key, { id: api.id });
  await keys.update("other", "x", { id: api.id });

  const listed: (string | undefined)[] = [];
  for await (const { key, size_bytes, updated_at } of keys.list(api.id, { prefix: "log/", limit: 10 })) {
    listed.push(key);
    expect(size_bytes).toBe(6);
    expect(updated_at).toBe(new Date(api.clock.nowMs()).toISOString());
  }
  expect(listed).toEqual(written);
});

it("pages through all namespaces by itself", async () => {
  const api = await startTelnyx();
  const { kvs } = sdk(api).storage;
  for (let at = 0; at < 5; at++) await kvs.create({ name: `n-${at}` });
  const names: (string | undefined)[] = [];
  for await (const { name } of kvs.list({ "page[size]": 2 })) names.push(name);
  expect(names).toEqual(["main", "n-0", "n-1", "n-2", "n-3", "n-4", "sessions"]);
  const page = await kvs.list({ "page[number]": 2, "page[size]": 3 });
  expect(page.data.map(({ name }) => name)).toEqual(["n-2", "n-3", "n-4"]);
  expect(page.meta).toEqual({ page_number: 2, page_size: 3, total_pages: 3, total_results: 7 });
});

it("raises the SDK's own errors, which hold ours", async () => {
  const api = await startTelnyx({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
  const { keys } = sdk(api, ADMIN_TOKEN).storage.kvs;
  const { id } = api;
  await expect(keys.update("user:1", "x", { id })).rejects.toThrow(BadRequestError);
  await expect(keys.update("a", "x", { id, ttl_secs: 0 })).rejects.toThrow(UnprocessableEntityError);
  await expect(sdk(api, "wrong").storage.kvs.list()).rejects.toThrow(AuthenticationError);
  const error = await keys.retrieve("none", { id }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ status: 404, error: { errors: [{ code: "10005" }] } });
});
