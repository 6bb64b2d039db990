import { expect, it } from "vitest";
import { base64, bodyOf, json, put, startTelnyx, type WireEntry } from "./telnyx-api.js";

it("expires a raw value after as little as a second, in reads and lists", async () => {
  const api = await startTelnyx();
  await api.fetch(`${api.keys}/a?ttl_secs=1`, put("1"));
  expect((await api.fetch(`${api.keys}/a`)).status).toBe(200);
  api.clock.advance(1_000);
  expect((await api.fetch(`${api.keys}/a`)).status).toBe(404);
  expect((await bodyOf<WireEntry>(api.fetch(api.keys))).data).toEqual([]);
  expect((await api.fetch(`${api.keys}/a`, put("2"))).status, "a new key").toBe(201);
});

it("takes the longest ttl_secs without overflow", async () => {
  const api = await startTelnyx();
  expect((await api.fetch(`${api.keys}/a?ttl_secs=9223372036`, put("1"))).status).toBe(201);
  api.clock.advance(9_223_372_035_000);
  expect((await api.fetch(`${api.keys}/a`)).status).toBe(200);
  api.clock.advance(1_000);
  expect((await api.fetch(`${api.keys}/a`)).status).toBe(404);
});

it("renews the life of a key with a write, and ends its expiry with one that names none", async () => {
  const api = await startTelnyx();
  const path = `${api.keys}/a`;
  await api.fetch(`${path}?ttl_secs=10`, put("1"));
  api.clock.advance(9_000);
  await api.fetch(`${path}?ttl_secs=10`, put("2"));
  api.clock.advance(9_000);
  expect(await (await api.fetch(path)).text()).toBe("2");
  await api.fetch(path, put("3"));
  api.clock.advance(1e9);
  expect(await (await api.fetch(path)).text()).toBe("3");
});

it("has no native expiry for who keeps it in the value, as generation 2 has to", async () => {
  const api = await startTelnyx();
  const wrapped = JSON.stringify({ value: "Ada", expires_at: api.clock.nowMs() + 1_000 });
  await api.fetch(`${api.keys}/session/1`, put(wrapped));
  api.clock.advance(60_000);
  expect(await (await api.fetch(`${api.keys}/session/1`)).text()).toBe(wrapped);
});

it("expires an envelope at its second of the epoch, wherever in the second it was written", async () => {
  const api = await startTelnyx({ encoding: "envelope" });
  api.clock.advance(700);
  const nowSeconds = Math.floor(api.clock.nowMs() / 1000);
  await api.fetch(`${api.keys}/a`, json({ value: base64("x"), expiration: nowSeconds + 2 }));
  api.clock.advance(1_299);
  expect((await api.fetch(`${api.keys}/a`)).status).toBe(200);
  api.clock.advance(1);
  expect((await api.fetch(`${api.keys}/a`)).status).toBe(404);
});

it("lets expiration_ttl win over expiration", async () => {
  const api = await startTelnyx({ encoding: "envelope" });
  const nowSeconds = Math.floor(api.clock.nowMs() / 1000);
  const body = { value: "", expiration: nowSeconds + 5, expiration_ttl: 60 };
  await api.fetch(`${api.keys}/a`, json(body));
  expect((await bodyOf<WireEntry>(api.fetch(`${api.keys}/a`))).data.expiration).toBe(nowSeconds + 60);
});
