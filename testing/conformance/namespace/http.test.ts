import { connect } from "@kvasir/client";
import { type Database, FakeClock, open } from "@kvasir/store";
import { type ApiServer, startApiServer } from "kvasir";
import { afterAll, beforeAll } from "vitest";
import { failOnUnexpected } from "../../harness/unexpected.js";
import { caseClock } from "./fake-case-clock.js";
import { namespaceSuite } from "./namespace-suite.js";

const clock = new FakeClock();
let database: Database;
let server: ApiServer;
let made = 0;

beforeAll(async () => {
  database = open(":memory:", { clock });
  server = await startApiServer({
    database,
    host: "127.0.0.1",
    port: 0,
    auth: { mode: "dev" },
    onEvent: failOnUnexpected,
  });
});
afterAll(async () => {
  await server.close();
  await database.close();
});

namespaceSuite("a namespace over HTTP", () => ({
  clock: caseClock(clock),
  async make() {
    const { id } = await database.catalog.create(`case ${++made}`);
    return connect({ url: server.url, namespace: id });
  },
}));
