import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { KVNamespace } from "@kvasir/client";
import { expectTypeOf, test } from "vitest";
import { NODE_MODULES } from "../../harness/checkout.js";

// The compiler checks this (`npm run check`). No request is sent.
declare const kv: KVNamespace;

test("the type of a value follows the type that is asked for", () => {
  expectTypeOf(() => kv.get("key")).returns.resolves.toEqualTypeOf<string | null>();
  expectTypeOf(() => kv.get<number>("key", "json")).returns.resolves.toEqualTypeOf<number | null>();
  expectTypeOf(() =>
    kv.get("key", { type: "arrayBuffer" }),
  ).returns.resolves.toEqualTypeOf<ArrayBuffer | null>();
  expectTypeOf(() => kv.get(["key"])).returns.resolves.toEqualTypeOf<Map<string, string | null>>();
  expectTypeOf(() => kv.get<number>(["key"], "json")).returns.resolves.toEqualTypeOf<
    Map<string, number | null>
  >();
});

test("a condition turns the result of a put into an outcome", () => {
  expectTypeOf(() => kv.put("key", "value")).returns.resolves.toEqualTypeOf<void>();
  expectTypeOf(() => kv.put("key", "value", { expirationTtl: 60 })).returns.resolves.toEqualTypeOf<void>();
  expectTypeOf(() => kv.put("key", "value", { ifAbsent: true })).returns.resolves.toHaveProperty("ok");
});

test("{ version: true } adds the version, and only then is it there", () => {
  expectTypeOf(() => kv.getWithMetadata("key", { version: true })).returns.resolves.toHaveProperty("version");
  expectTypeOf(() => kv.getWithMetadata("key")).returns.resolves.not.toHaveProperty("version");
});

test("inside a Worker's project ours and the hosted binding's type fit each other", async () => {
  // Compiled separately, because a Worker's globals conflict with Node's.
  const project = fileURLToPath(new URL("./workers/types", import.meta.url));
  const tsc = join(NODE_MODULES, "typescript/bin/tsc");
  await promisify(execFile)(process.execPath, [tsc, "-p", project]);
});
