import { type Database, FakeClock, open } from "@kvasir/store";
import { afterAll, beforeAll } from "vitest";
import { caseClock } from "./fake-case-clock.js";
import { namespaceSuite } from "./namespace-suite.js";

const clock = new FakeClock();
let database: Database;
let made = 0;

beforeAll(() => {
  database = open(":memory:", { clock });
});
afterAll(() => database.close());

namespaceSuite("a namespace of an embedded store", () => ({
  clock: caseClock(clock),
  async make() {
    return database.namespace(`case ${++made}`);
  },
}));
