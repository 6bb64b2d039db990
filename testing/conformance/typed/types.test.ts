import type { KVNamespace as CloudflareKVNamespace } from "@cloudflare/workers-types";
import {
  type ConnectOptions,
  connect,
  type GetOptions,
  type KVEntry,
  type KVGetWithMetadataResult,
  type KVKeyEntry,
  type KVListEntry,
  type KVNamespace,
  type KVOptions,
  type KvWriteResult,
  kv,
  type Serializer,
  type TypedKV,
  type WorkersKV,
  type WorkkitKV,
} from "@kvasir/client";
import type { StandardSchemaV1 } from "@kvasir/client/typed";
import { open } from "@kvasir/store";
import * as v from "valibot";
import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";

/** These tests pass if `tsc -p tsconfig.tests.json` passes. None of the code runs. */

interface User {
  readonly name: string;
  readonly email: string;
}

// Inside functions that are never called, because there is no binding at run time.
const types = (_claims: () => unknown) => {};

describe("bindings", () => {
  test("Cloudflare's own type, ours, and what makes ours are taken", () => {
    types(() => {
      kv<User>({} as CloudflareKVNamespace);
      kv<User>({} as CloudflareKVNamespace<"a" | "b">);
      kv<User>({} as KVNamespace);
      kv<User>({} as WorkersKV);
      kv<User>(connect({} as ConnectOptions));
      kv<User>(open(":memory:").namespace("users"));
      kv({} as CloudflareKVNamespace, { schema: z.string() });
    });
  });

  test("what is no binding is not", () => {
    types(() => {
      // @ts-expect-error A Map has get and delete, and is no namespace.
      kv(new Map<string, string>());
      // @ts-expect-error An optional binding has to be checked first.
      kv({} as KVNamespace | undefined);
    });
  });

  test("raw is the whole of Workers KV", () => {
    types(() => {
      const { raw } = kv<User>({} as KVNamespace);
      expectTypeOf(raw.get("key", "text")).resolves.toEqualTypeOf<string | null>();
      expectTypeOf(raw.get("key", "arrayBuffer")).resolves.toEqualTypeOf<ArrayBuffer | null>();
    });
  });
});

describe("values", () => {
  const binding = {} as KVNamespace;

  test("are of the type that is named", () => {
    types(() => {
      const users = kv<User>(binding, { prefix: "user:" });
      expectTypeOf(users).toEqualTypeOf<TypedKV<User>>();
      expectTypeOf(users).toEqualTypeOf<WorkkitKV<User>>();
      expectTypeOf(users.get("a")).resolves.toEqualTypeOf<User | null>();
      expectTypeOf(users.put).parameter(1).toEqualTypeOf<User>();
      expectTypeOf(users.getMany(["a"])).resolves.toEqualTypeOf<Map<string, User>>();
      expectTypeOf(users.list()).toEqualTypeOf<AsyncIterable<KVEntry<User>>>();
      expectTypeOf(users.keys()).toEqualTypeOf<AsyncIterable<KVKeyEntry>>();
      expectTypeOf(users.listKeys()).resolves.toEqualTypeOf<KVListEntry[]>();
      expectTypeOf(users.exists("a")).resolves.toEqualTypeOf<boolean>();
      expectTypeOf(users.delete("a")).resolves.toEqualTypeOf<void>();
      expectTypeOf(users.put("a", {} as User, { ttl: 60 })).resolves.toEqualTypeOf<void>();
      // @ts-expect-error An e-mail address is missing.
      void users.put("a", { name: "Ada" });
    });
  });

  test("are unknown when nothing says more", () => {
    types(() => expectTypeOf(kv(binding).get("a")).resolves.toEqualTypeOf<unknown>());
  });

  test("are of the schema's output", () => {
    types(() => {
      const zod = kv(binding, { schema: z.object({ name: z.string() }), prefix: "user:" });
      expectTypeOf(zod.get("a")).resolves.toEqualTypeOf<{ name: string } | null>();
      const valibot = kv(binding, { schema: v.object({ name: v.string() }) });
      expectTypeOf(valibot.get("a")).resolves.toEqualTypeOf<{ name: string } | null>();
      const dates = kv(binding, { schema: z.string().transform((text) => new Date(text)) });
      expectTypeOf(dates.get("a")).resolves.toEqualTypeOf<Date | null>();
      expectTypeOf(dates.put).parameter(1).toEqualTypeOf<string>();
      expectTypeOf(dates.putMany).parameter(0).items.toHaveProperty("value").toEqualTypeOf<string>();
      expectTypeOf(dates.atomic().put).parameter(1).toEqualTypeOf<string>();
      const own = kv(binding, { schema: {} as StandardSchemaV1<unknown, User> });
      expectTypeOf(own.get("a")).resolves.toEqualTypeOf<User | null>();
    });
  });

  test("may be named and have a schema", () => {
    types(() => {
      const schema = z.object({ name: z.string(), email: z.string() });
      expectTypeOf(kv<User>(binding, { schema }).get("a")).resolves.toEqualTypeOf<User | null>();
      // @ts-expect-error The schema is of something else.
      kv<User>(binding, { schema: z.number() });
      const options: KVOptions<User> = { schema, serializer: "json" };
      expectTypeOf(kv<User>(binding, options)).toEqualTypeOf<TypedKV<User>>();
    });
  });

  test("go through a serializer of their type", () => {
    types(() => {
      const dates: Serializer<Date> = { serialize: String, deserialize: (text) => new Date(text) };
      kv<Date>(binding, { serializer: dates });
      for (const serializer of ["json", "text", "arrayBuffer", "stream"] as const)
        kv<User>(binding, { serializer });
      // @ts-expect-error There is no such serializer.
      kv<User>(binding, { serializer: "yaml" });
    });
  });

  test("come with their metadata, and with a version when asked for", () => {
    types(() => {
      const users = kv<User>(binding);
      expectTypeOf(users.getWithMetadata<{ role: string }>("a")).resolves.toEqualTypeOf<
        KVGetWithMetadataResult<User, { role: string }>
      >();
      expectTypeOf(users.getWithMetadata("a", { version: true })).resolves.toHaveProperty("version");
      expectTypeOf<GetOptions["cacheTtl"]>().toEqualTypeOf<number | false | undefined>();
    });
  });
});

describe("extensions", () => {
  test("answer what their conditions and counters say", () => {
    types(() => {
      const users = kv<User>({} as KVNamespace);
      expectTypeOf(users.put("a", {} as User, { ifAbsent: true })).resolves.toEqualTypeOf<KvWriteResult>();
      expectTypeOf(users.delete("a", { ifVersion: 1 })).resolves.toEqualTypeOf<KvWriteResult>();
      expectTypeOf(users.increment("a")).resolves.toEqualTypeOf<number>();
      expectTypeOf(users.atomic().put).parameter(1).toEqualTypeOf<User>();
      // @ts-expect-error The two conditions exclude each other.
      void users.put("a", {} as User, { ifAbsent: true, ifVersion: 1 });
    });
  });
});
