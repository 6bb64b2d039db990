import { connect } from "@kvasir/client";
import { Database, KvError, open, systemClock, WORKERS_RULES } from "@kvasir/store";
import { startApiServer } from "kvasir";
import { expect, onTestFinished, test } from "vitest";
import { ACCOUNT } from "../../harness/api.js";

/** An API whose store does not know what became of any put. */
async function startDoubtfulApi() {
  const { store } = open(":memory:");
  let puts = 0;
  const put = async () => {
    puts++;
    throw new KvError("outcome_unknown", "The write may or may not have been made: the connection ended.", {
      hint: "Read what is stored before you write again.",
    });
  };
  const doubtful = { ...store, entries: { ...store.entries, put } };
  const database = new Database(doubtful, { clock: systemClock, rules: WORKERS_RULES });
  const { id } = await database.catalog.create("main");
  const api = await startApiServer({
    database,
    host: "127.0.0.1",
    port: 0,
    auth: { mode: "dev" },
    onEvent() {},
  });
  onTestFinished(async () => {
    await api.close();
    await database.close();
  });
  return { id, url: api.url, puts: () => puts };
}

test("a write of unknown outcome is 503 with a code of its own in each dialect", async () => {
  const { id, url } = await startDoubtfulApi();
  const wires = [
    { path: `/binding/${id}/key`, says: { error: { code: "outcome_unknown" } } },
    {
      path: `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${id}/values/key`,
      says: { success: false, errors: [{ code: 10504 }] },
    },
    {
      path: `/v2/storage/kvs/${id}/keys/key`,
      says: { errors: [{ code: "10007", title: "Outcome unknown" }] },
    },
  ];
  for (const { path, says } of wires) {
    const response = await fetch(url + path, { method: "PUT", body: "value" });
    expect([path, response.status]).toEqual([path, 503]);
    // Not to be sent again by a client that heeds it.
    expect(response.headers.get("retry-after")).toBeNull();
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject(says);
    expect(text).toContain("may or may not have been made");
  }
});

test("the client passes it on, and does not repeat the write", async () => {
  const { id, url, puts } = await startDoubtfulApi();
  const kv = connect({ url, namespace: id, retries: 3 });
  await expect(kv.put("key", "value")).rejects.toMatchObject({ code: "outcome_unknown" });
  expect(puts()).toBe(1);
});
