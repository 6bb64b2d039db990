import { connect } from "@kvasir/client";
import { FakeClock } from "@kvasir/store";
import { afterAll, beforeAll } from "vitest";
import { openServer, type TestServer } from "../../harness/api.js";
import { typedSuite } from "./typed-suite.js";

const clock = new FakeClock();
let api: TestServer;
let made = 0;

beforeAll(async () => {
  api = await openServer({ clock });
});
afterAll(() => api.stop());

typedSuite("kv() over HTTP", {
  clock,
  async make() {
    const { id } = await api.database.catalog.create(`typed ${++made}`);
    return connect({ url: api.url, namespace: id });
  },
});
