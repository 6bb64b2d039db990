import { startApiServer } from "kvasir";
import { describe, expect, it } from "vitest";
import { createToken, listTokens, revokeToken } from "../../../packages/kvasir/src/api/auth/tokens.js";
import { ADMIN_TOKEN, bearer, jsonOf, startApi } from "../../harness/api.js";
import { bodyOf, type Operation, operationsOf, requestFor } from "../operations.js";

const SCOPES = ["read", "write", "admin"] as const;

async function startWithTokens() {
  const api = await startApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
  await api.database.namespaceById(api.namespaceId).put("key", "value");
  const make = async (options: Parameters<typeof createToken>[1]) =>
    createToken(api.database.store, { clock: api.clock, ...options });
  const list = `/client/v4/accounts/x/storage/kv/namespaces`;
  return { api, make, list };
}

describe("a server with tokens", () => {
  it("lets in what a scope covers on every operation, and refuses the rest in the dialect's shape", async () => {
    const { api, make } = await startWithTokens();
    const tokens: Record<string, string | undefined> = {
      none: undefined,
      unknown: "kvasir_unknown",
      read: (await make({ scope: "read" })).token,
      write: (await make({ scope: "write" })).token,
      elsewhere: (await make({ scope: "admin", namespaces: ["0".repeat(32)] })).token,
      admin: (await make({ scope: "admin" })).token,
    };
    const operations = await operationsOf(api);
    expect(operations.length).toBeGreaterThan(25);
    const wrong: string[] = [];
    for (const [kind, token] of Object.entries(tokens)) {
      for (const operation of operations) {
        const { path, init } = requestFor(operation, api);
        const headers = token === undefined ? {} : bearer(token);
        const response = await api.fetch(path, { ...init, headers });
        const body = await bodyOf(response);
        const expected = expectedStatus(operation, kind);
        const { status } = response;
        if (expected === null ? status === 401 || status === 403 : status !== expected) {
          wrong.push(`${operation.operationId} as ${kind}: ${status}, not ${expected}`);
        }
        if (expected === null) continue;
        expect(JSON.parse(body)).toMatchObject(authError(path, expected));
      }
    }
    expect(wrong).toEqual([]);
  });

  it("shows a bound token its namespaces only, in lists too", async () => {
    const { api, make, list } = await startWithTokens();
    await api.database.catalog.create("hidden");
    const { token } = await make({ scope: "write", namespaces: [api.namespaceId] });
    const answer = await jsonOf(api.fetch(list, { headers: bearer(token) }));
    expect(answer).toMatchObject({
      result: [{ id: api.namespaceId }],
      result_info: { count: 1, total_count: 1 },
    });
    expect(answer.result).toHaveLength(1);
    const own = await api.fetch(`${api.cloudflare}/values/key`, { headers: bearer(token) });
    expect(await own.text()).toBe("value");
  });

  it("refuses a bound admin token what is not about one of its namespaces", async () => {
    const { api, make, list } = await startWithTokens();
    const { token } = await make({ scope: "admin", namespaces: [api.namespaceId] });
    const headers = bearer(token);
    const create = { method: "POST", headers, body: JSON.stringify({ title: "new" }) };
    expect((await api.fetch(list, create)).status).toBe(403);
    expect((await api.fetch("/kvasir/tokens", { headers })).status).toBe(403);
    const rename = { method: "PUT", headers, body: JSON.stringify({ title: "renamed" }) };
    expect((await api.fetch(api.cloudflare, rename)).status).toBe(200);
  });

  it("shows a bound token nothing of other namespaces, on whatever operation names none", async () => {
    const { api, make } = await startWithTokens();
    const hidden = await api.database.catalog.create("hidden");
    const { token } = await make({ scope: "admin", namespaces: [api.namespaceId] });
    const decided: Record<string, string> = {};
    for (const operation of await operationsOf(api)) {
      if (/\{(?:namespace|kv)_id\}/.test(operation.path)) continue;
      const { path, init } = requestFor(operation, api);
      const response = await api.fetch(path, { ...init, headers: bearer(token) });
      const text = await bodyOf(response);
      expect(text).not.toContain("hidden");
      expect(text).not.toContain(hidden.id);
      decided[operation.operationId] = response.status === 403 ? "refused" : "answered";
    }
    // Decide for each new operation that names no namespace how it treats bound tokens, and add it here.
    expect(decided).toEqual({
      health: "answered",
      readiness: "answered",
      openapi: "answered",
      metrics: "refused",
      dashboard: "answered",
      dashboardFile: "answered",
      session: "answered",
      usage: "answered",
      events: "answered",
      listTokens: "refused",
      createToken: "refused",
      revokeToken: "refused",
      exportAll: "answered",
      importAll: "refused",
      backup: "refused",
      check: "refused",
      readClock: "answered",
      advanceClock: "refused",
      listAccounts: "answered",
      getAccount: "answered",
      listMemberships: "answered",
      getUser: "answered",
      verifyToken: "answered",
      listNamespaces: "answered",
      createNamespace: "refused",
      telnyxListNamespaces: "answered",
      telnyxCreateNamespace: "refused",
    });
  });

  it("lets a bound token of each scope do on its namespace what the scope covers, and nothing on another", async () => {
    const { api, make } = await startWithTokens();
    const operations = (await operationsOf(api)).filter(
      ({ path, operationId }) => /\{namespace_id\}/.test(path) && operationId !== "deleteNamespace",
    );
    const other = { ...api, namespaceId: (await api.database.catalog.create("other")).id };
    const wrong: string[] = [];
    for (const [held, scope] of SCOPES.entries()) {
      const { token } = await make({ scope, namespaces: [api.namespaceId] });
      for (const operation of operations) {
        for (const target of [api, other]) {
          const { path, init } = requestFor(operation, target);
          const { status } = await api.fetch(path, { ...init, headers: bearer(token) });
          const allowed = target === api && held >= SCOPES.indexOf(operation.scope as "read");
          if ((status === 403) === allowed) wrong.push(`${operation.operationId} as ${scope}: ${status}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("binds a token to the namespace that is meant, in whichever form of its id", async () => {
    const { database, namespaceId } = await startApi();
    const { store, catalog } = database;
    const shown = namespaceId.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-").toUpperCase();
    const chosen = "0f2ac74b-498b-4802-8cb6-8387c421e279";
    await catalog.ensure(chosen, "chosen by a config");
    const unknown = "11111111-2222-3333-4444-555555555555";
    const namespaces = [shown, chosen, unknown, "my-own"];
    const { record } = await createToken(store, { scope: "read", namespaces });
    expect(record.namespaces).toEqual([namespaceId, chosen, unknown.replaceAll("-", ""), "my-own"]);
  });

  it("refuses a revoked token and an expired one with the next request", async () => {
    const { api, make } = await startWithTokens();
    const path = `${api.binding}/key`;
    const revoked = await make({ scope: "read" });
    expect((await api.fetch(path, { headers: bearer(revoked.token) })).status).toBe(200);
    expect(await revokeToken(api.database.store, revoked.record.id)).toBe(true);
    expect((await api.fetch(path, { headers: bearer(revoked.token) })).status).toBe(401);

    const expiring = await make({ scope: "read", expiresMs: api.clock.nowMs() + 1000 });
    expect((await api.fetch(path, { headers: bearer(expiring.token) })).status).toBe(200);
    api.clock.advance(1000);
    expect((await api.fetch(path, { headers: bearer(expiring.token) })).status).toBe(401);
  });

  it("takes a legacy API key as a token, and no other way of sending one", async () => {
    const { api } = await startWithTokens();
    const status = async (headers: Record<string, string>) =>
      (await api.fetch(`${api.binding}/key`, { headers })).status;
    expect(await status({ "X-Auth-Email": "ada@example.com", "X-Auth-Key": ADMIN_TOKEN })).toBe(200);
    expect(await status({ Authorization: `bearer ${ADMIN_TOKEN}` })).toBe(200);
    expect(await status({ "X-Auth-Key": "wrong" })).toBe(401);
    expect(await status({ Authorization: ADMIN_TOKEN })).toBe(401);
    expect(await status({ Authorization: `Basic ${btoa(`x:${ADMIN_TOKEN}`)}` })).toBe(401);
    expect(await status({ Authorization: "Bearer " })).toBe(401);
    expect((await api.fetch(`${api.binding}/key?token=${ADMIN_TOKEN}`)).status).toBe(401);
  });

  it("leaves health and the description of the API open, and metrics to readers", async () => {
    const { api, make } = await startWithTokens();
    expect((await api.fetch("/healthz")).status).toBe(200);
    expect((await api.fetch("/openapi.json")).status).toBe(200);
    expect((await api.fetch("/metrics")).status).toBe(401);
    const { token } = await make({ scope: "read" });
    const metrics = await (await api.fetch("/metrics", { headers: bearer(token) })).text();
    expect(metrics).toContain(
      'kvasir_http_requests_total{dialect="kvasir",operation="health",status="200"} 1',
    );
    expect(metrics).toContain("process_cpu_user_seconds_total");
  });

  it("manages tokens over HTTP, and keeps only their hashes", async () => {
    const { api } = await startWithTokens();
    const headers = bearer(ADMIN_TOKEN);
    const body = JSON.stringify({ scope: "read", name: "ci", namespaces: [api.namespaceId] });
    const created = await jsonOf(api.fetch("/kvasir/tokens", { method: "POST", headers, body }));
    expect(created.record).toMatchObject({ name: "ci", scope: "read", namespaces: [api.namespaceId] });
    const listed = await jsonOf(api.fetch("/kvasir/tokens", { headers }));
    expect(listed.tokens).toEqual([created.record]);
    const stored = await api.database.store.records("tokens").list();
    expect(JSON.stringify(stored)).not.toContain(created.token);
    const path = `/kvasir/tokens/${created.record.id}`;
    expect((await api.fetch(path, { method: "DELETE", headers })).status).toBe(200);
    expect((await api.fetch(path, { method: "DELETE", headers })).status).toBe(404);
    expect(await listTokens(api.database.store)).toEqual([]);
  });

  it.each([
    [{}],
    [{ scope: "root" }],
    [{ scope: "read", name: 1 }],
    [{ scope: "read", namespaces: "all" }],
    [{ scope: "read", namespaces: ["a/b"] }],
    [{ scope: "read", expiresMs: 1 }],
    [{ scope: "read", expiresMs: "tomorrow" }],
    [[]],
  ])("makes no token of %j", async (options) => {
    const { api } = await startWithTokens();
    const init = { method: "POST", headers: bearer(ADMIN_TOKEN), body: JSON.stringify(options) };
    const response = await api.fetch("/kvasir/tokens", init);
    expect(response.status).toBe(400);
    expect((await jsonOf(response)).error.code).toBe("bad_request");
    expect(await listTokens(api.database.store)).toEqual([]);
  });

  function authError(path: string, status: number): object {
    if (path.startsWith("/client/")) {
      return { success: false, errors: [{ code: 10000, message: "Authentication error" }], result: null };
    }
    if (path.startsWith("/v2/")) return { errors: [{ code: expect.any(String) }] };
    return { error: { code: status === 401 ? "unauthorized" : "forbidden", hint: expect.any(String) } };
  }

  function expectedStatus({ scope, path }: Operation, kind: string): number | null {
    if (scope === "open") return null;
    if (kind === "none" || kind === "unknown") return 401;
    if (kind === "elsewhere") {
      // Operations on all namespaces: creating one, tokens, the clock, the metrics.
      const aboutAll =
        (/\/(namespaces|kvs)$|^\/kvasir\//.test(path) && scope === "admin") || path === "/metrics";
      return /\{(namespace|kv)_id\}/.test(path) || aboutAll ? 403 : null;
    }
    return SCOPES.indexOf(kind as "read") >= SCOPES.indexOf(scope) ? null : 403;
  }
});

describe("a server without tokens", () => {
  it.each(["dev", "none"] as const)("listens on loopback only (%s)", async (mode) => {
    const { database } = await startApi();
    const options = { database, port: 0, auth: { mode } };
    await expect(startApiServer({ ...options, host: "0.0.0.0" })).rejects.toThrow("loopback");
    await expect(startApiServer({ ...options, host: "example.com" })).rejects.toThrow("loopback");
  });
});
