import { connect } from "@kvasir/client";
import { type Database, FakeClock, open } from "@kvasir/store";
import { afterAll, beforeAll } from "vitest";
import { type ApiServer, startApiServer } from "../../packages/kvasir/src/server/api-server.ts";
import { failOnUnexpected } from "../unexpected.ts";
import { caseClock } from "./fake-case-clock.ts";
import { namespaceSuite } from "./namespace-suite.ts";

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
