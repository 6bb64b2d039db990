import { type Database, FakeClock, open } from "@kvasir/store";
import { afterAll, beforeAll } from "vitest";
import { plainBinding, withoutBulkReads } from "../../harness/bindings.js";
import { typedSuite } from "./typed-suite.js";

const clock = new FakeClock();
let database: Database;
let made = 0;

beforeAll(() => {
  database = open(":memory:", { clock });
});
afterAll(() => database.close());

typedSuite("kv() over a namespace of an embedded store", {
  clock,
  make: async () => database.namespace(`embedded ${++made}`),
});

typedSuite("kv() over a plain Workers KV binding", {
  clock,
  make: async () => plainBinding(database.namespace(`plain ${++made}`)),
});

typedSuite("kv() over a binding without bulk reads", {
  clock,
  make: async () => withoutBulkReads(database.namespace(`without bulk ${++made}`)),
});
