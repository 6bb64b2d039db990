import { type Admin, connectAdmin } from "@kvasir/client";
import { describe, expect, test } from "vitest";
import { localAdmin } from "../../../packages/kvasir/src/commands/data/local-admin.js";
import { ADMIN_TOKEN, startApi } from "../../harness/api.js";

/** Each way to reach an Admin. All of them start with one namespace, `main`. */
const ADMINS: Record<string, () => Promise<Pick<Admin, "namespaces" | "tokens">>> = {
  "a database in this process": async () => localAdmin((await startApi()).database),
  "a server": async () => connectAdmin({ url: (await startApi()).url }),
};

describe.each(Object.entries(ADMINS))("the Admin of %s", (_, open) => {
  test("creates, lists, renames and deletes namespaces", async () => {
    const { namespaces } = await open();
    const { id, title } = await namespaces.create("sessions");
    expect({ id, title }).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/), title: "sessions" });
    expect(await namespaces.rename(id, "a/b ü")).toEqual({ id, title: "a/b ü" });
    expect(await namespaces.list()).toEqual([
      { id, title: "a/b ü" },
      { id: expect.any(String), title: "main" },
    ]);
    expect(await namespaces.delete(id)).toBeUndefined();
    expect((await namespaces.list()).map((namespace) => namespace.title)).toEqual(["main"]);
  });

  test("lists more namespaces than one page has, by title", async () => {
    const { namespaces } = await open();
    const titles = Array.from({ length: 1001 }, (_, at) => `n${String(at).padStart(4, "0")}`);
    for (let at = 0; at < titles.length; at += 100) {
      await Promise.all(titles.slice(at, at + 100).map((title) => namespaces.create(title)));
    }
    expect((await namespaces.list()).map(({ title }) => title)).toEqual(["main", ...titles]);
  });

  test("fails with the same codes", async () => {
    const { namespaces, tokens } = await open();
    const { id } = await namespaces.create("other");
    await expect(namespaces.create("main")).rejects.toMatchObject({ code: "namespace_exists" });
    await expect(namespaces.rename(id, "main")).rejects.toMatchObject({ code: "namespace_exists" });
    await expect(namespaces.create("")).rejects.toMatchObject({ code: "title_invalid" });
    const none = "0".repeat(32);
    await expect(namespaces.rename(none, "x")).rejects.toMatchObject({ code: "namespace_not_found" });
    await expect(namespaces.delete(none)).rejects.toMatchObject({ code: "namespace_not_found" });
    const expired = { scope: "read", expiresMs: 1 } as const;
    await expect(tokens.create(expired)).rejects.toMatchObject({ code: "bad_request" });
  });

  test("creates, lists and revokes tokens", async () => {
    const { tokens } = await open();
    const expiresMs = Date.now() + 1e12;
    const { token, record } = await tokens.create({
      scope: "read",
      name: "test",
      namespaces: ["one"],
      expiresMs,
    });
    expect(token).toMatch(/^kvasir_/);
    expect(record).toMatchObject({ scope: "read", name: "test", namespaces: ["one"], expiresMs });
    expect(await tokens.list()).toEqual([record]);
    expect(await tokens.revoke(record.id)).toBe(true);
    expect(await tokens.revoke(record.id)).toBe(false);
    expect(await tokens.list()).toEqual([]);
  });
});

test("a token that is missing or too small, and a server that is away or of another kind, are told apart", async () => {
  const { url, database } = await startApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
  const admin = connectAdmin({ url: `${url}/`, token: ADMIN_TOKEN });
  const { token } = await admin.tokens.create({ scope: "read" });
  const reader = connectAdmin({ url, token });
  expect((await reader.namespaces.list()).map(({ title }) => title)).toEqual(["main"]);
  await expect(reader.namespaces.create("x")).rejects.toMatchObject({ code: "forbidden" });
  await expect(reader.tokens.list()).rejects.toMatchObject({ code: "forbidden" });
  const nobody = connectAdmin({ url });
  await expect(nobody.namespaces.list()).rejects.toMatchObject({ code: "unauthorized" });
  await expect(nobody.tokens.revoke("x")).rejects.toMatchObject({ code: "unauthorized" });
  expect((await localAdmin(database).tokens.list()).length).toBe(1);

  const away = connectAdmin({ url: "http://127.0.0.1:1", retries: 0 });
  await expect(away.namespaces.list()).rejects.toMatchObject({ code: "unavailable" });
  const answering = (body: string, status = 200) =>
    connectAdmin({ url: "http://127.0.0.1:1", fetch: async () => new Response(body, { status }) });
  await expect(answering("<html>").namespaces.list()).rejects.toMatchObject({ code: "unavailable" });
  await expect(answering("{}").namespaces.list()).rejects.toMatchObject({ code: "internal" });
  await expect(answering("<html>", 404).tokens.list()).rejects.toMatchObject({ code: "route_not_found" });
});

test("a URL or a token that is invalid is refused at once, and the token is not shown", () => {
  expect(() => connectAdmin({ url: "localhost:8788" })).toThrow(/^connectAdmin\(\) needs the API's URL/);
  expect(() => connectAdmin({ url: "http://127.0.0.1", token: "sec ret" })).toThrow(
    /^connectAdmin\(\) was given a token (?!.*sec ret)/,
  );
});
