import { describe, expect, it } from "vitest";
import { ADMIN_TOKEN, bearer } from "../../harness/api.js";
import { operationsOf } from "../operations.js";
import {
  bodyOf,
  errorOf,
  json,
  KVS,
  type PageMeta,
  put,
  startTelnyx,
  type TelnyxApi,
  type WireNamespace,
  withToken,
} from "./telnyx-api.js";

const start = () => startTelnyx({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });

/** A request for each operation, and the scope that it needs. */
function requests(api: TelnyxApi): [scope: "read" | "write" | "admin", path: string, init: RequestInit][] {
  return [
    ["read", KVS, {}],
    ["read", api.kv, {}],
    ["read", api.keys, {}],
    ["read", `${api.keys}/a/b`, {}],
    ["write", `${api.keys}/a/b`, put("1")],
    ["write", `${api.keys}/a/b`, { method: "DELETE" }],
    ["admin", KVS, json({ name: "new" }, { method: "POST" })],
    ["admin", api.kv, { method: "DELETE" }],
  ];
}

async function status(api: TelnyxApi, path: string, init: RequestInit, headers: object): Promise<number> {
  const response = await api.fetch(path, { ...init, headers: { ...init.headers, ...headers } });
  if (response.status === 401 || response.status === 403) {
    const { code, title } = await errorOf(response);
    expect([code, title]).toEqual(
      response.status === 401 ? ["10009", "Authentication failed"] : ["10010", "Authorization failed"],
    );
  }
  return response.status;
}

describe("a token", () => {
  it("is needed for every operation of the dialect", async () => {
    const api = await start();
    const operations = (await operationsOf(api)).filter(({ path }) => path.startsWith("/v2/"));
    expect(requests(api)).toHaveLength(operations.length);
    for (const [, path, init] of requests(api)) {
      expect(await status(api, path, init, {}), path).toBe(401);
      expect(await status(api, path, init, bearer("wrong")), path).toBe(401);
    }
    const response = await api.fetch(KVS);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
  });

  it.each([["read"], ["write"], ["admin"]] as const)(
    "of the scope %s does what that covers",
    async (scope) => {
      const api = await start();
      const { headers } = await withToken(api, { scope });
      const covered = ["read", "write", "admin"].slice(0, ["read", "write", "admin"].indexOf(scope) + 1);
      for (const [needed, path, init] of requests(api)) {
        const answered = await status(api, path, init, headers);
        if (covered.includes(needed)) expect([200, 201, 204, 404], path).toContain(answered);
        else expect(answered, path).toBe(403);
      }
    },
  );

  it("of one namespace reaches it under every form of its id, and no other", async () => {
    const api = await start();
    const other = await api.database.catalog.create("other");
    const { headers } = await withToken(api, { scope: "write", namespaces: [api.namespaceId] });
    for (const id of [api.id, api.namespaceId, api.id.toUpperCase()]) {
      expect(await status(api, `${KVS}/${id}/keys/a`, put("1"), headers), id).toBeLessThan(300);
    }
    for (const id of [other.id, "0".repeat(32), "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", "unknown", "%20"]) {
      for (const [path, init] of [
        [`${KVS}/${id}`, {}],
        [`${KVS}/${id}/keys`, {}],
        [`${KVS}/${id}/keys/a`, {}],
        [`${KVS}/${id}/keys/a`, put("1")],
        [`${KVS}/${id}/keys/a`, { method: "DELETE" }],
      ] as const) {
        expect(await status(api, path, init, headers), path).toBe(403);
      }
    }
    expect(await api.database.namespaceById(other.id).get("a")).toBeNull();
  });

  it("of one namespace sees only that in the list, and creates none", async () => {
    const api = await start();
    const { headers } = await withToken(api, { scope: "admin", namespaces: [api.namespaceId] });
    const { data, meta } = await bodyOf<WireNamespace[], PageMeta>(api.fetch(KVS, { headers }));
    expect(data.map(({ id }) => id)).toEqual([api.id]);
    expect(meta).toMatchObject({ total_pages: 1, total_results: 1 });
    expect(await status(api, KVS, json({ name: "new" }, { method: "POST" }), headers)).toBe(403);
  });

  it("of one namespace may delete it, where it is an admin's", async () => {
    const api = await start();
    const { headers } = await withToken(api, { scope: "admin", namespaces: [api.namespaceId] });
    expect(await status(api, api.kv, { method: "DELETE" }, headers)).toBe(200);
    expect(await status(api, api.kv, {}, headers), "gone, and that may be known").toBe(404);
  });
});
