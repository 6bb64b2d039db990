import keyvSuite, { keyvIteratorTests } from "@keyv/test-suite";
import { keyvStore } from "@kvasir/client/adapters/keyv";
import { open } from "@kvasir/store";
import Keyv from "keyv";
import * as vitest from "vitest";

const database = open(":memory:");
const kv = database.namespace("keyv");
vitest.afterAll(() => database.close());

const store = () => keyvStore(kv);

// The public suite of Keyv's stores.
keyvSuite(vitest, Keyv, store);
keyvIteratorTests(vitest, Keyv, store);

vitest.test("several stores on one namespace have prefixes, and clear only their own", async () => {
  const one = new Keyv({ store: keyvStore(kv, { prefix: "one:" }) });
  const other = new Keyv({ store: keyvStore(kv, { prefix: "other:" }) });
  await one.set("a", 1);
  await other.set("a", 2);
  vitest.expect([await one.get("a"), await other.get("a")]).toEqual([1, 2]);
  await one.clear();
  vitest.expect([await one.get("a"), await other.get("a")]).toEqual([undefined, 2]);
});

vitest.test("the store removes what has expired", async () => {
  const keyv = new Keyv({ store: store() });
  await keyv.set("expires", "x", 90_000);
  const [entry] = (await kv.list({ prefix: "keyv:expires" })).keys;
  vitest.expect(Math.abs((entry?.expiration ?? 0) - Date.now() / 1000 - 90)).toBeLessThan(30);
});
