import { describe, expect, it } from "vitest";
import { jsonOf, startApi } from "../../harness/api.js";
import { operationsOf, pathFor } from "../operations.js";

describe("/openapi.json", () => {
  it("describes what is served: every operation answers, with no other method on any path", async () => {
    const api = await startApi();
    const byPath = new Map<string, string[]>();
    for (const { path, method } of await operationsOf(api)) {
      byPath.set(path, [...(byPath.get(path) ?? []), method]);
    }
    expect(byPath.size).toBeGreaterThan(15);
    for (const [path, methods] of byPath) {
      const response = await api.fetch(pathFor(path, api), { method: "OPTIONS" });
      const allowed = response.headers.get("allow")?.split(", ") ?? [];
      expect([path, allowed.filter((method) => !["OPTIONS", "HEAD"].includes(method)).sort()]).toEqual([
        path,
        methods.sort(),
      ]);
    }
  });

  it("is OpenAPI 3.1 whose parameters are those of its paths, and whose operations have names of their own", async () => {
    const api = await startApi();
    const document = await jsonOf(api.fetch("/openapi.json"));
    expect(document).toMatchObject({
      openapi: "3.1.0",
      info: { title: "Kvasir", version: expect.any(String) },
    });
    const ids: string[] = [];
    for (const [path, item] of Object.entries<Record<string, unknown>>(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const { parameters = [], ...operations } = item as { parameters?: { name: string; schema: object }[] };
      expect(parameters.map(({ name }) => name)).toEqual(named);
      for (const { schema } of parameters) expect(schema).toBeTypeOf("object");
      for (const operation of Object.values<Record<string, unknown>>(operations)) {
        ids.push(operation["operationId"] as string);
        expect(operation).toMatchObject({
          summary: expect.any(String),
          responses: { "4XX": expect.any(Object) },
        });
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("names what clients send: paths of the Cloudflare API as its own description has them", async () => {
    const api = await startApi();
    const { paths } = await jsonOf(api.fetch("/openapi.json"));
    const base = "/client/v4/accounts/{account_id}/storage/kv/namespaces";
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        base,
        `${base}/{namespace_id}`,
        `${base}/{namespace_id}/keys`,
        `${base}/{namespace_id}/values/{key_name}`,
        `${base}/{namespace_id}/metadata/{key_name}`,
        `${base}/{namespace_id}/bulk`,
        `${base}/{namespace_id}/bulk/delete`,
        `${base}/{namespace_id}/bulk/get`,
      ]),
    );
  });
});
