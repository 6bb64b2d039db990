import { connectAdmin, KvError } from "@kvasir/client";
import { expect, onTestFinished, test } from "vitest";
import { createToken, revokeToken } from "../../../packages/kvasir/src/api/auth/tokens.js";
import { ADMIN_TOKEN, bearer, startApi, type TestApi } from "../../harness/api.js";

const LINES =
  '{"key":"a","value":"1","expiration":4000000000.25,"content_type":"x/y"}\n{"key":"b","value":"/w==","base64":true,"metadata":{"n":1}}\n';

async function textOf(stream: ReadableStream<Uint8Array> | null): Promise<string> {
  return new Response(stream).text();
}

async function filled(): Promise<TestApi> {
  const api = await startApi();
  const { transfer } = connectAdmin({ url: api.url });
  const report = { entries: 2, bytes: 2, skipped: 0, expired: 0, refused: 0, stopped: false, problems: [] };
  expect(await transfer.import(api.namespaceId, LINES)).toEqual(report);
  return api;
}

test("the admin client exports what it imported, a namespace or all", async () => {
  const api = await filled();
  const { transfer } = connectAdmin({ url: api.url });
  const file = await textOf(await transfer.export(api.namespaceId));
  const [header = "", ...lines] = file.split("\n");
  expect(JSON.parse(header)).toEqual({
    kvasir_export: 1,
    namespace: { id: api.namespaceId, title: "main" },
    at: new Date(api.clock.nowMs()).toISOString(),
  });
  expect(lines.join("\n").replace(".250", ".25").replace(',"metadata":{"n":1}}', "")).toBe(
    LINES.replace(',"metadata":{"n":1}}', ""),
  );
  expect(await textOf(await transfer.exportAll({ prefix: "b" }))).toBe(`${header}\n${lines[1]}\n`);
  expect(await textOf(await transfer.export(api.namespaceId, { after: "a", limit: 1 }))).toContain(
    '"key":"b"',
  );

  const other = await startApi();
  const stream = new Response(file.replace('"main"', '"elsewhere"')).body as ReadableStream<Uint8Array>;
  const admin = connectAdmin({ url: other.url });
  expect(await admin.transfer.importAll(stream)).toMatchObject({ entries: 2, refused: 0 });
  const found = (await admin.namespaces.list()).find(({ title }) => title === "elsewhere");
  expect((await textOf(await admin.transfer.export(found?.id ?? ""))).split("\n").slice(1)).toEqual(lines);
  await transfer.delete(api.namespaceId, ["a", "missing"]);
  expect(await textOf(await transfer.export(api.namespaceId))).toBe(`${header}\n${lines[1]}\n`);
  await expect(transfer.delete(api.namespaceId, ["b", ""])).rejects.toMatchObject({ code: "key_invalid" });
  await expect(transfer.delete("none", ["b"])).rejects.toMatchObject({ code: "namespace_not_found" });
  await expect(transfer.export("none")).rejects.toMatchObject({ code: "namespace_not_found" });
});

test("problems have a line, conflicts are skipped or stop it, a trial writes nothing", async () => {
  const api = await filled();
  const { transfer } = connectAdmin({ url: api.url });
  const file = `{"key":"c","value":"3"}\nbroken\n{"key":"","value":"1"}\n{"key":"a","value":"new"}`;
  const problems = [
    { line: 2, code: "bad_request", message: "It is not valid JSON." },
    { line: 3, key: "", code: "key_invalid", message: "Key names must not be empty" },
  ];
  const kv = api.database.namespaceById(api.namespaceId);
  expect(await transfer.import(api.namespaceId, file, { dryRun: true, onConflict: "skip" })).toMatchObject({
    entries: 1,
    skipped: 1,
    refused: 2,
    problems,
  });
  expect(await kv.get("c")).toBeNull();
  expect(await transfer.import(api.namespaceId, file, { onConflict: "fail" })).toMatchObject({
    refused: 3,
    stopped: true,
    problems: [...problems, { line: 4, key: "a", code: "condition_failed" }],
  });
  expect(await kv.get("a")).toBe("1");
  const bad = async (query: string, body = LINES) => {
    const response = await api.fetch(
      `${api.binding}/bulk/${query}`,
      query.startsWith("import") ? { method: "POST", body } : {},
    );
    const { error } = (await response.json()) as { error: { code: string } };
    return `${response.status} ${error.code}`;
  };
  expect(await bad("import?on_conflict=maybe")).toBe("400 bad_request");
  expect(await bad("import", "SQLite format 3\0")).toBe("400 bad_request");
  expect(
    await bad(
      "import",
      LINES +
        `{"kvasir_export":1,"namespace":{"id":"1","title":"1"}}\n${LINES}{"kvasir_export":1,"namespace":{"id":"2","title":"2"}}\n`,
    ),
  ).toBe("400 bad_request");
  expect(await bad("export?limit=0")).toBe("400 limit_invalid");
  expect(await bad("export?format=xml")).toBe("400 bad_request");
});

test("a token sees what it is bound to, and a withdrawn one ends the requests in flight", async () => {
  const api = await startApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
  const admin = connectAdmin({ url: api.url, token: ADMIN_TOKEN });
  const other = await admin.namespaces.create("other");
  await admin.transfer.import(api.namespaceId, LINES);
  const value = "x".repeat(1_000_000);
  for (let index = 0; index < 20; index++) {
    await admin.transfer.import(other.id, JSON.stringify([{ key: `large${index}`, value }]));
  }
  const { token } = await createToken(api.database.store, {
    scope: "read",
    namespaces: [api.namespaceId],
    clock: api.clock,
  });
  const bound = connectAdmin({ url: api.url, token });
  expect((await textOf(await bound.transfer.exportAll())).match(/kvasir_export/g)).toHaveLength(1);
  await expect(bound.transfer.export(other.id)).rejects.toMatchObject({ code: "forbidden" });
  await expect(bound.transfer.import(api.namespaceId, LINES)).rejects.toMatchObject({ code: "forbidden" });
  await expect(bound.transfer.importAll(LINES)).rejects.toMatchObject({ code: "forbidden" });

  const { token: writer, record } = await createToken(api.database.store, {
    scope: "write",
    clock: api.clock,
  });
  const theirs = connectAdmin({ url: api.url, token: writer, retries: 0 });
  const file = (await theirs.transfer.export(other.id)).getReader();
  onTestFinished(() => void file.cancel().catch(() => {}));
  await file.read();
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  const endless = new ReadableStream<Uint8Array>({
    start(controller) {
      feed = controller;
      controller.enqueue(Buffer.from(LINES));
    },
  });
  const importing = theirs.transfer.import(api.namespaceId, endless).then(
    () => "ended well",
    (error: unknown) => (error instanceof KvError ? error.code : String(error)),
  );
  await revokeToken(api.database.store, record.id);
  const readToEnd = async () => {
    while (!(await file.read()).done);
    return "complete";
  };
  expect(["unauthorized", "unavailable"]).toContain(await importing);
  // The reader never takes a part for the whole.
  expect(await readToEnd().catch(() => "cut off")).toBe("cut off");
  feed?.error(new Error("over"));
  expect((await api.fetch("/kvasir/export", { headers: bearer(writer) })).status).toBe(401);
});
