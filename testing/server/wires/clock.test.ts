import { describe, expect, it, onTestFinished } from "vitest";
import { ADMIN_TOKEN, bearer, jsonOf, openServer, startApi, type TestApi } from "../../harness/api.js";

const advance = (api: TestApi, body: unknown, headers: Record<string, string> = {}) =>
  api.fetch("/kvasir/clock", {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

describe("the clock of a server with a fake one", () => {
  it("is told, and moved by so many milliseconds", async () => {
    const api = await startApi();
    const startMs = api.clock.nowMs();
    expect(await jsonOf(api.fetch("/kvasir/clock"))).toEqual({ nowMs: startMs });
    expect(await jsonOf(advance(api, { advance: 1500 }))).toEqual({ nowMs: startMs + 1500 });
    expect(await jsonOf(advance(api, { advance: 0 }))).toEqual({ nowMs: startMs + 1500 });
    expect(api.clock.nowMs()).toBe(startMs + 1500);
  });

  it("expires entries, tells watches, and counts times to live from the new time", async () => {
    const api = await startApi();
    const kv = api.database.namespaceById(api.namespaceId);
    await api.fetch(`${api.binding}/k?expiration_ttl=60`, { method: "PUT", body: "v" });
    const changes = kv.watch()[Symbol.asyncIterator]();
    const expired = changes.next();
    await advance(api, { advance: 59_000 });
    expect(await kv.get("k")).toBe("v");
    await advance(api, { advance: 1000 });
    expect(await kv.get("k")).toBe(null);
    expect((await expired).value).toMatchObject({ type: "expire", key: "k" });
    await api.fetch(`${api.binding}/k?expiration_ttl=60`, { method: "PUT", body: "v" });
    const { keys } = await kv.list();
    expect(keys[0]?.expiration).toBe(Math.floor(api.clock.nowMs() / 1000) + 60);
  });

  it.each([
    ["a negative time", { advance: -1 }, "-1"],
    ["a fraction", { advance: 1.5 }, "1.5"],
    ["a text", { advance: "60000" }, '"60000"'],
    ["nothing", {}, "nothing"],
    ["no object", [60_000], "nothing"],
    ["what is no whole number", '{"advance":1e300}', "1e+300"],
    ["what is no date any more", { advance: 9e15 }, "last date"],
    ["what is no JSON", "advance=60000", "JSON"],
  ])("refuses %s with what to do, and stays", async (_, body, said) => {
    const api = await startApi();
    const startMs = api.clock.nowMs();
    const answer = await advance(api, body);
    expect(answer.status).toBe(400);
    const { error } = await jsonOf(answer);
    expect(error.code).toBe("bad_request");
    expect(error.message).toContain(said);
    expect(error.hint).toBeTruthy();
    expect(api.clock.nowMs()).toBe(startMs);
  });

  it("answers no other site", async () => {
    const api = await startApi();
    const answer = await advance(api, { advance: 1 }, { Origin: "https://example.com" });
    expect(answer.status).toBe(403);
    expect((await api.fetch("/kvasir/clock", { headers: { Origin: "null" } })).status).toBe(403);
  });

  it("asks for a token that may administer, where tokens are asked for", async () => {
    const api = await startApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
    expect((await advance(api, { advance: 1 })).status).toBe(401);
    expect((await advance(api, { advance: 1 }, bearer(ADMIN_TOKEN))).status).toBe(200);
  });
});

describe("the clock of a server with the machine's", () => {
  it("is not told and not moved, and how to have a fake one is said", async () => {
    const api = await openServer();
    onTestFinished(() => api.stop());
    for (const init of [{}, { method: "POST", body: '{"advance":1}' }]) {
      const answer = await api.fetch("/kvasir/clock", init);
      expect(answer.status).toBe(404);
      expect((await jsonOf(answer)).error.hint).toContain("--clock fake");
    }
  });
});
