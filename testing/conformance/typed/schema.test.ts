import { KVValidationError, kv } from "@kvasir/client";
import { type Database, type KVNamespace, open } from "@kvasir/store";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

/** Tests with the two validators that most programs use, unmodified. */

let database: Database;
let namespace: KVNamespace;

beforeEach(() => {
  database = open(":memory:");
  namespace = database.namespace("schemas");
});
afterEach(() => database.close());

const SCHEMAS = {
  zod: z.object({ name: z.string(), email: z.email() }),
  valibot: v.object({ name: v.string(), email: v.pipe(v.string(), v.email()) }),
};

describe.each(Object.entries(SCHEMAS))("%s", (_, schema) => {
  const ADA = { name: "Ada", email: "ada@example.com" };

  test("lets through what fits", async () => {
    const users = kv(namespace, { schema });
    await users.put("ada", ADA);
    expect(await users.get("ada")).toEqual(ADA);
    expect(await users.getMany(["ada", "nobody"])).toEqual(new Map([["ada", ADA]]));
  });

  test("refuses on reading what does not, with the path", async () => {
    const users = kv(namespace, { schema });
    await namespace.put("bad", JSON.stringify({ name: "Bad", email: "none" }));
    await expect(users.get("bad")).rejects.toThrow(KVValidationError);
    await expect(users.get("bad")).rejects.toMatchObject({ kvKey: "bad", issues: [{ path: ["email"] }] });
  });

  test("refuses on writing when asked to", async () => {
    const wrong = { name: "Bad", email: "none" };
    await kv(namespace, { schema }).put("lenient", wrong);
    const strict = kv(namespace, { schema, validateOnWrite: true });
    await expect(strict.put("strict", wrong)).rejects.toThrow(KVValidationError);
    expect((await namespace.list()).keys.map(({ name }) => name)).toEqual(["lenient"]);
  });
});

test("defaults and transformations apply to what is read; what is put is stored as it is", async () => {
  const schema = z.object({
    at: z.iso.datetime().transform((text) => new Date(text)),
    tags: z.array(z.string()).default([]),
  });
  const events = kv(namespace, { schema });
  await namespace.put("e", JSON.stringify({ at: "2024-01-01T00:00:00Z" }));
  expect(await events.get("e")).toEqual({ at: new Date("2024-01-01T00:00:00Z"), tags: [] });
});

test("a schema that takes its time is waited for", async () => {
  const schema = z.string().refine(async (text) => text === "good", "is not good");
  const texts = kv(namespace, { schema });
  await texts.put("a", "good");
  await texts.put("b", "bad");
  expect(await texts.get("a")).toBe("good");
  await expect(texts.get("b")).rejects.toThrow(/is not good/);
});

test("a schema settles whether text that another wrote is a number", async () => {
  await namespace.put("k", "42");
  expect(await kv(namespace, { serializer: "text" }).get("k")).toBe(42);
  expect(await kv(namespace, { serializer: "text", schema: z.number() }).get("k")).toBe(42);
  expect(await kv(namespace, { serializer: "text", schema: z.string() }).get("k")).toBe("42");
  await expect(kv(namespace, { serializer: "text", schema: z.boolean() }).get("k")).rejects.toThrow(
    KVValidationError,
  );
});
