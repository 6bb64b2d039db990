import { connect } from "@kvasir/client";
import { FakeClock } from "@kvasir/store";
import { afterAll, beforeAll } from "vitest";
import { openServer, type TestServer } from "../../harness/api.js";
import { caseClock } from "./fake-case-clock.js";
import { namespaceSuite } from "./namespace-suite.js";

const clock = new FakeClock();
let api: TestServer;
let made = 0;

beforeAll(async () => {
  api = await openServer({ clock });
});
afterAll(() => api.stop());

namespaceSuite("a namespace over HTTP", () => ({
  clock: caseClock(clock),
  async make() {
    const { id } = await api.database.catalog.create(`case ${++made}`);
    return connect({ url: api.url, namespace: id });
  },
}));
