import { connect } from "@kvasir/client";
import { preferences } from "@kvasir/client/recipes";
import { open } from "@kvasir/store";
import * as v from "valibot";
import { expect, expectTypeOf, onTestFinished, test } from "vitest";
import { z } from "zod";
import { operationsOf, startWorkerApp } from "./worker-app.js";

/**
 * Preferences in a Worker, over HTTP with `ETag` and `If-Match`, and from programs that share its namespace.
 */

const WORKER = `
import { preferences } from "@kvasir/client/recipes";

const defaults = { theme: "light", mail: { weekly: true, tags: [] } };

export default {
  async fetch(request, env) {
    const settings = preferences(env.KV, { defaults });
    const user = new URL(request.url).pathname.slice(1);
    const match = request.headers.get("If-Match");
    const options = match === null ? {} : { ifVersion: JSON.parse(JSON.parse(match)) };
    try {
      const { value, version } =
        request.method === "PATCH" ? await settings.patch(user, await request.json(), options)
        : request.method === "DELETE" ? await settings.reset(user)
        : await settings.get(user);
      return Response.json(value, { headers: { ETag: JSON.stringify(String(version)) } });
    } catch (error) {
      return Response.json({ code: error.code }, { status: error.code === "condition_failed" ? 412 : 400 });
    }
  },
};
`;

const defaults = { theme: "light", mail: { weekly: true, tags: [] as string[] } };

test("preferences in a Worker keep every change, say their version, and hold a client to it", async () => {
  const app = await startWorkerApp(WORKER);
  const patch = (change: unknown, headers: Record<string, string> = {}) =>
    fetch(`${app.url}/ada`, { method: "PATCH", headers, body: JSON.stringify(change) });
  expect(await (await fetch(`${app.url}/ada`)).json()).toEqual(defaults);

  // The Worker and other programs change members of one object at once.
  const programs = [1, 2, 3, 4].map(() =>
    preferences<Record<string, unknown>>(connect({ url: app.api, namespace: "kv" }), { defaults }),
  );
  const names = Array.from({ length: 24 }, (_, at) => `name${at}`);
  await Promise.all(
    names.map((name, at) =>
      at % 2 === 0
        ? patch({ mail: { [name]: at } })
        : programs[at % 4]?.patch("ada", { mail: { [name]: at } }),
    ),
  );
  const all = await fetch(`${app.url}/ada`);
  expect(await all.json()).toEqual({
    theme: "light",
    mail: { ...defaults.mail, ...Object.fromEntries(names.map((name, at) => [name, at])) },
  });

  const etag = all.headers.get("ETag") as string;
  expect((await patch({ theme: "dark" }, { "If-Match": etag })).status).toBe(200);
  const stale = await patch({ theme: "pink" }, { "If-Match": etag });
  expect([stale.status, await stale.json()]).toEqual([412, { code: "condition_failed" }]);
  const polluting = await fetch(`${app.url}/ada`, { method: "PATCH", body: '{"__proto__":{"admin":true}}' });
  expect([polluting.status, await polluting.json()]).toEqual([400, { code: "value_invalid" }]);

  expect(await operationsOf(app, () => fetch(`${app.url}/ada`))).toEqual({ Get: 1 });
  expect(await operationsOf(app, () => patch({ theme: "blue" }))).toEqual({ Get: 1, Put: 1 });
  expect(await (await fetch(`${app.url}/ada`, { method: "DELETE" })).json()).toEqual(defaults);
});

const SCHEMAS = {
  zod: z.object({ theme: z.enum(["light", "dark"]), size: z.number().int().min(8) }),
  valibot: v.object({
    theme: v.picklist(["light", "dark"]),
    size: v.pipe(v.number(), v.integer(), v.minValue(8)),
  }),
};

test.each(["zod", "valibot"] as const)("a schema of %s decides what preferences are", async (library) => {
  const database = open(":memory:");
  onTestFinished(() => database.close());
  const defaults = { theme: "light", size: 14 } as const;
  const settings = preferences(database.namespace("preferences"), { defaults, schema: SCHEMAS[library] });
  const { value } = await settings.patch("ada", { theme: "dark" });
  expect(value).toEqual({ theme: "dark", size: 14 });
  expectTypeOf(value).toEqualTypeOf<{ theme: "light" | "dark"; size: number }>();
  const refused = settings.patch("ada", { theme: "dark", size: 7.5 });
  await expect(refused).rejects.toMatchObject({
    code: "value_invalid",
    message: expect.stringContaining("size: "),
  });
  expect((await settings.get("ada")).value).toEqual(value);
});
