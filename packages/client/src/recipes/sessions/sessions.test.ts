import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { countedBinding, interruptedBinding, plainBinding } from "../../../../../testing/harness/bindings.js";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import type { KVBinding } from "../../typed/binding.js";
import type { Guarantee } from "../shared/binding.js";
import { SPAN_SECONDS_MAX } from "../shared/limits.js";
import type { SessionsOptions } from "./options.js";
import type { Session } from "./session.js";
import { sessions } from "./sessions.js";

interface Data {
  readonly cart: readonly string[];
}

const IDLE_MS = 3_600_000;
const LIFETIME_MS = 24 * IDLE_MS;

let clock: FakeClock;
let database: ReturnType<typeof open>;
let kv: KVNamespace;
/** The operations on the namespace since this list was last emptied. */
let calls: string[];

beforeEach(() => {
  clock = new FakeClock();
  database = open(":memory:", { clock });
  calls = [];
  kv = countedBinding(database.namespace("sessions"), calls);
});
afterEach(() => database.close());

const on = (binding: KVBinding, options: SessionsOptions = {}) =>
  sessions<Data>(binding, {
    idleSeconds: IDLE_MS / 1000,
    lifetimeSeconds: LIFETIME_MS / 1000,
    clock,
    ...options,
  });

const requestsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
  calls.length = 0;
  await work();
  return [...calls];
};

const add =
  (item: string) =>
  ({ cart }: Data): Data => ({ cart: [...cart, item] });

describe.each(["atomic", "best-effort"] as const)("sessions, %s", (guarantee) => {
  const store = (options?: SessionsOptions) => on(guarantee === "atomic" ? kv : plainBinding(kv), options);

  test("say what they guarantee", () => {
    expect(store().guarantee).toBe(guarantee);
  });

  test("are there from creation to revocation, which the very next read sees", async () => {
    const all = store();
    const { id } = await all.create({ cart: [] }, { userId: "ada" });
    expect(await all.get(id)).toMatchObject({ id, userId: "ada", data: { cart: [] }, renewed: false });
    await all.revoke(id);
    expect(await all.get(id)).toBeNull();
    expect(await all.update(id, add("x"))).toBeNull();
    expect(await all.rotate(id)).toBeNull();
    expect(await all.list("ada")).toEqual([]);
    await all.revoke(id);
    expect(await kv.list()).toMatchObject({ keys: [] });
  });

  test("change, with the id or with the session", async () => {
    const all = store();
    const created = await all.create({ cart: [] });
    const once = await all.update(created, add("a"));
    expect(await all.update(once as Session<Data>, add("b"))).toMatchObject({ data: { cart: ["a", "b"] } });
    expect(await all.update(created.id, add("c"))).toMatchObject({ id: created.id });
    expect(await all.get(created.id)).toMatchObject({
      data: { cart: ["a", "b", "c"] },
      createdMs: created.createdMs,
    });
  });

  test("end when they are idle, and are prolonged by being read", async () => {
    const all = store();
    const [used, idle] = [await all.create({ cart: [] }), await all.create({ cart: [] })];
    for (let times = 0; times < 4; times++) {
      await clock.advance(IDLE_MS / 2);
      expect(await all.get(used.id)).toMatchObject({ renewed: true, expiresMs: clock.nowMs() + IDLE_MS });
    }
    expect(await all.get(idle.id)).toBeNull();
    await clock.advance(IDLE_MS);
    expect(await all.get(used.id)).toBeNull();
  });

  test("are not prolonged before the share of the idle time has passed", async () => {
    const all = store({ renewShare: 0.25 });
    const { id } = await all.create({ cart: [] });
    await clock.advance(IDLE_MS / 4 - 2000);
    expect(await all.get(id)).toMatchObject({ renewed: false });
    await clock.advance(2000);
    expect(await all.get(id)).toMatchObject({ renewed: true });
    expect(await all.get(id)).toMatchObject({ renewed: false });
  });

  test("end with their lifetime, however much they are used", async () => {
    const all = store();
    const { id } = await all.create({ cart: [] });
    for (let hours = 0; hours < 47; hours++) {
      await clock.advance(IDLE_MS / 2);
      expect(await all.get(id)).not.toBeNull();
    }
    // Closer to its end than the store's shortest TTL, so the store may keep the entry a little longer.
    await clock.advance(IDLE_MS / 2 - 1000);
    const last = await all.update(id, add("x"));
    expect(last).not.toBeNull();
    await clock.advance(1000);
    expect(await kv.list({ prefix: "session:id:" })).toMatchObject({ keys: [{}] });
    expect(await all.get(id)).toBeNull();
    expect(await all.update(id, add("y"))).toBeNull();
    expect(await all.update(last as Session<Data>, add("y"))).toBeNull();
  });

  test("that are in use last to the end of their lifetime, give or take a minute", async () => {
    // With this share a session would not be prolonged again after half of its lifetime.
    const all = store({ idleSeconds: (LIFETIME_MS * 0.75) / 1000, renewShare: 0.7 });
    const { id, endsMs } = await all.create({ cart: [] });
    let renewals = 0;
    while (clock.nowMs() < endsMs - 60_000) {
      renewals += (await all.get(id))?.renewed === true ? 1 : 0;
      expect(await all.get(id)).not.toBeNull();
      await clock.advance(LIFETIME_MS / 100);
    }
    expect(renewals).toBe(1);
  });

  test("outlive no longer lifetime that was set since, and none that is shorter", async () => {
    const { id } = await store().create({ cart: [] }, { userId: "ada" });
    const longer = store({
      idleSeconds: (LIFETIME_MS * 10) / 1000,
      lifetimeSeconds: (LIFETIME_MS * 10) / 1000,
    });
    expect(await longer.get(id)).toMatchObject({ endsMs: clock.nowMs() + LIFETIME_MS });
    await clock.advance(LIFETIME_MS - 1000);
    // Otherwise the index would have dropped it, and `revokeAll` would miss it.
    expect(await longer.list("ada")).toHaveLength(1);
    expect(await store({ lifetimeSeconds: 3600 }).get(id)).toBeNull();
    expect(await longer.get(id)).not.toBeNull();
    await clock.advance(1000);
    expect(await longer.get(id)).toBeNull();
  });

  test("get a new id, with which the old one ends", async () => {
    const all = store();
    const before = await all.create({ cart: ["a"] });
    await clock.advance(1000);
    const after = (await all.rotate(before.id, { userId: "ada", change: add("b") })) as Session<Data>;
    expect(after).toMatchObject({ userId: "ada", data: { cart: ["a", "b"] }, createdMs: clock.nowMs() });
    expect(after.id).not.toBe(before.id);
    expect(await all.get(before.id)).toBeNull();
    expect(await all.get(after.id)).toMatchObject({ userId: "ada", data: { cart: ["a", "b"] } });

    await clock.advance(1000);
    const again = (await all.rotate(after)) as Session<Data>;
    expect(again).toMatchObject({ userId: "ada", createdMs: after.createdMs });
    expect((await all.list("ada")).map(({ handle }) => handle)).toEqual([again.handle]);
  });

  test("of a user are listed, oldest first, and end one by one, all others, or all", async () => {
    const all = store();
    const made: Session<Data>[] = [];
    for (const item of ["phone", "laptop", "tablet"]) {
      made.push(await all.create({ cart: [item] }, { userId: "ada" }));
      await clock.advance(1);
    }
    const [phone, laptop, tablet] = made as [Session<Data>, Session<Data>, Session<Data>];
    const other = await all.create({ cart: [] }, { userId: "ada:2" });
    const listed = await all.list("ada");
    expect(listed.map(({ data }) => data.cart)).toEqual([["phone"], ["laptop"], ["tablet"]]);
    expect(JSON.stringify(listed)).not.toContain(phone.id);

    expect(await all.revokeListed("bob", phone.handle)).toBe(false);
    expect(await all.revokeListed("ada", phone.handle)).toBe(true);
    expect(await all.revokeListed("ada", phone.handle)).toBe(false);
    expect(await all.get(phone.id)).toBeNull();

    await all.revokeAll("ada", { except: tablet });
    expect(await all.get(laptop.id)).toBeNull();
    expect(await all.get(tablet.id)).not.toBeNull();
    await all.revokeAll("ada", { except: tablet.id });
    expect(await all.get(tablet.id)).not.toBeNull();
    await all.revokeAll("ada");
    expect(await all.list("ada")).toEqual([]);
    await all.revokeAll("ada");
    expect(await all.get(other.id)).not.toBeNull();
  });

  test("may live for a hundred years", async () => {
    const century = { idleSeconds: SPAN_SECONDS_MAX, lifetimeSeconds: SPAN_SECONDS_MAX };
    const { id } = await store(century).create({ cart: [] }, { userId: "ada" });
    await clock.advance(2_000_000_000_000);
    expect(await store(century).get(id)).toMatchObject({ userId: "ada" });
  });

  test("that expired are in no list", async () => {
    const all = store();
    await all.create({ cart: ["old"] }, { userId: "ada" });
    await clock.advance(IDLE_MS);
    await all.create({ cart: ["new"] }, { userId: "ada" });
    expect(await all.list("ada")).toMatchObject([{ data: { cart: ["new"] } }]);
  });

  test("by the thousand all end at once", async () => {
    const all = store();
    for (let made = 0; made < 1100; made++) await all.create({ cart: [] }, { userId: "ada" });
    expect(await all.list("ada")).toHaveLength(1100);
    await all.revokeAll("ada");
    expect(await kv.list()).toMatchObject({ keys: [] });
  });

  test("keep their ids out of the store", async () => {
    const { id } = await store().create({ cart: [] }, { userId: "ada" });
    expect(id).toMatch(/^[\w-]{43}$/);
    const { keys } = await kv.list({ values: true });
    expect(JSON.stringify(keys)).not.toContain(id);
  });

  test.each(["", "x", "x".repeat(1_000_000), `${"A".repeat(42)}B`, "session:id:x", undefined, 1])(
    "ask nobody for what is no id: %.20s",
    async (id) => {
      const all = store();
      expect(
        await requestsOf(async () => {
          expect(await all.get(id as string)).toBeNull();
          expect(await all.update(id as string, add("x"))).toBeNull();
          expect(await all.rotate(id as string)).toBeNull();
          if (typeof id === "string") await all.revoke(id);
          expect(await all.revokeListed("ada", id as string)).toBe(false);
        }),
      ).toEqual([]);
    },
  );

  test.each<[what: string, SessionsOptions]>([
    ["a negative idle time", { idleSeconds: -1 }],
    ["an idle time below the store's shortest", { idleSeconds: 59 }],
    ["no idle time", { idleSeconds: 0 }],
    ["a fraction", { idleSeconds: 60.5 }],
    ["a lifetime without end", { lifetimeSeconds: Number.POSITIVE_INFINITY }],
    ["a share above 1", { renewShare: 1.1 }],
    ["a prefix that is no text", { prefix: 1 as unknown as string }],
  ])("refuse %s", (_what, options) => {
    expect(() => store(options)).toThrow(
      expect.objectContaining({ code: "option_invalid", hint: expect.stringContaining("Pass") }),
    );
  });

  test("are not those of a look-alike, which a client may have sent in place of an id", async () => {
    const all = store();
    const victim = await all.create({ cart: [] }, { userId: "ada" });
    const alike = { ...victim, id: "x" } as Session<Data>;
    expect(
      await requestsOf(async () => {
        expect(await all.get(alike as unknown as string)).toBeNull();
        expect(await all.update(alike, add("x"))).toBeNull();
        expect(await all.rotate(alike)).toBeNull();
        await all.revoke(alike);
      }),
    ).toEqual([]);
    expect(await all.get(victim.id)).toMatchObject({ data: { cart: [] } });
  });

  test("refuse data and users that could not be kept, before any request", async () => {
    const all = store();
    const session = await all.create({ cart: [] });
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(
      await requestsOf(async () => {
        for (const data of [undefined, () => 1, 1n, cyclic]) {
          await expect(all.create(data as unknown as Data)).rejects.toMatchObject({ code: "value_invalid" });
        }
        for (const userId of ["", 1 as unknown as string]) {
          await expect(all.create({ cart: [] }, { userId })).rejects.toMatchObject({
            code: "option_invalid",
          });
          await expect(all.rotate(session, { userId })).rejects.toMatchObject({ code: "option_invalid" });
          await expect(all.list(userId)).rejects.toMatchObject({ code: "option_invalid" });
          await expect(all.revokeAll(userId)).rejects.toMatchObject({ code: "option_invalid" });
        }
        const userId = "x".repeat(512);
        await expect(all.create({ cart: [] }, { userId })).rejects.toMatchObject({ code: "key_too_long" });
      }),
    ).toEqual([]);
    await expect(all.update(session, () => undefined as unknown as Data)).rejects.toMatchObject({
      code: "value_invalid",
    });
    expect(await all.get(session.id)).toMatchObject({ data: { cart: [] } });
  });

  test("refuse to read what another program wrote there", async () => {
    const all = store();
    const { id, handle } = await all.create({ cart: [] });
    for (const text of ["", "[]", "null", "1", '{"createdMs":1}', '{"createdMs":1,"data":1}', "{"]) {
      await kv.put(`session:id:${handle}`, text);
      await expect(all.get(id)).rejects.toMatchObject({ code: "value_not_json" });
    }
  });
});

describe("sessions with atomic operations", () => {
  test("lose no change, whoever else changes", async () => {
    const { id } = await on(kv).create({ cart: [] });
    const items = Array.from({ length: 40 }, (_, at) => `item ${at}`);
    await Promise.all(items.map((item) => on(kv).update(id, add(item))));
    const { data } = (await on(kv).get(id)) as Session<Data>;
    expect([...data.cart].sort()).toEqual([...items].sort());
  });

  test("keep a change that was made between the read and the touch of one who changes later", async () => {
    const all = on(kv);
    const { id } = await all.create({ cart: [] });
    await clock.advance(IDLE_MS / 2);
    // Another process changes the session between this read and its touch.
    const slow = on(interruptedBinding(kv, "touch", { before: () => all.update(id, add("theirs")) }));
    const read = (await slow.get(id)) as Session<Data>;
    expect(read).toMatchObject({ renewed: true, data: { cart: [] } });
    expect(await slow.update(read, add("mine"))).toMatchObject({ data: { cart: ["theirs", "mine"] } });
  });

  test("do not come back by a change or a prolongation that began before the revocation", async () => {
    const all = on(kv);
    const read = await all.create({ cart: [] }, { userId: "ada" });
    await all.revoke(read.id);
    expect(await all.update(read, add("x"))).toBeNull();
    expect(await all.rotate(read, { userId: "ada" })).toBeNull();
    const { id } = await all.create({ cart: [] });
    await clock.advance(IDLE_MS / 2);
    const slow = on(interruptedBinding(kv, "touch", { before: () => all.revoke(id) }));
    expect(await slow.get(id)).toBeNull();
    expect(await kv.list()).toMatchObject({ keys: [] });
  });

  test("are all revoked although each gets a new id meanwhile", async () => {
    const all = on(kv);
    let current = await all.create({ cart: [] }, { userId: "ada" });
    let rotations = 0;
    const rotate = async () => {
      if (rotations++ < 3) current = (await all.rotate(current)) ?? current;
    };
    const meanwhile = on(interruptedBinding(kv, "list", { after: rotate }));
    await meanwhile.revokeAll("ada");
    expect(rotations).toBeGreaterThan(3);
    expect(await all.get(current.id)).toBeNull();
    expect(await kv.list()).toMatchObject({ keys: [] });
  });

  test("rotate once, however often that is tried at the same time", async () => {
    const before = await on(kv).create({ cart: [] }, { userId: "ada" });
    const rotated = await Promise.all(Array.from({ length: 8 }, () => on(kv).rotate(before.id)));
    expect(rotated.filter((session) => session !== null)).toHaveLength(1);
    expect(await on(kv).list("ada")).toHaveLength(1);
  });

  test("slide by a touch: the expiry changes, the value is not written", async () => {
    const all = on(kv);
    const { id, handle } = await all.create({ cart: ["a"] });
    const entry = async () => (await kv.list({ prefix: `session:id:${handle}`, values: true })).keys[0];
    const before = await entry();
    await clock.advance(IDLE_MS / 2);
    expect(await requestsOf(() => all.get(id))).toEqual(["list", "touch"]);
    const after = await entry();
    expect(after?.value).toBe(before?.value);
    expect((after?.expiration ?? 0) - (before?.expiration ?? 0)).toBe(IDLE_MS / 2000);
  });

  test("cost the requests that are documented", async () => {
    const all = on(kv);
    const session = await all.create({ cart: [] });
    const users = await all.create({ cart: [] }, { userId: "ada" });
    expect(await requestsOf(() => all.create({ cart: [] }))).toEqual(["commit"]);
    expect(await requestsOf(() => all.create({ cart: [] }, { userId: "ada" }))).toEqual(["commit"]);
    expect(await requestsOf(() => all.get(session.id))).toEqual(["list"]);
    expect(await requestsOf(() => all.update(session, add("x")))).toEqual(["put"]);
    expect(await requestsOf(() => all.update(session.id, add("x")))).toEqual(["list", "put"]);
    expect(await requestsOf(() => all.rotate(users))).toEqual(["commit"]);
    expect(await requestsOf(() => all.revoke(session.id))).toEqual(["list", "commit"]);
    expect(await requestsOf(() => all.revoke(users))).toEqual(["commit"]);
    expect(await requestsOf(() => all.list("ada"))).toEqual(["list", "get"]);
    expect(await requestsOf(() => all.revokeAll("ada"))).toEqual(["list", "commit", "list"]);
  });

  test("take what expired out of the index of whoever looks", async () => {
    const all = on(kv);
    await all.create({ cart: [] }, { userId: "ada" });
    await clock.advance(IDLE_MS);
    expect(await kv.count()).toBe(1);
    await all.list("ada");
    expect(await kv.count()).toBe(0);
  });
});

describe("sessions on a plain binding", () => {
  test("cost the requests that are documented", async () => {
    const all = on(plainBinding(kv));
    const [session, users] = [
      await all.create({ cart: [] }),
      await all.create({ cart: [] }, { userId: "ada" }),
    ];
    expect(await requestsOf(() => all.create({ cart: [] }))).toEqual(["put"]);
    expect(await requestsOf(() => all.create({ cart: [] }, { userId: "bob" }))).toEqual(["put", "put"]);
    expect(await requestsOf(() => all.update(session, add("x")))).toEqual(["getWithMetadata", "put"]);
    expect(await requestsOf(() => all.rotate(session))).toEqual(["getWithMetadata", "put", "delete"]);
    expect(await requestsOf(() => all.revokeListed("ada", users.handle))).toEqual([
      "get",
      "delete",
      "delete",
    ]);
    expect(await requestsOf(() => all.revoke(users))).toEqual(["delete", "delete"]);
    expect(await requestsOf(() => all.list("bob"))).toEqual(["list", "get"]);
    expect(await requestsOf(() => all.revokeAll("bob"))).toEqual(["list", "delete", "delete", "list"]);
    const { id } = await all.create({ cart: [] });
    expect(await requestsOf(() => all.get(id))).toEqual(["getWithMetadata"]);
    await clock.advance(IDLE_MS / 2);
    expect(await requestsOf(() => all.get(id))).toEqual(["getWithMetadata", "put"]);
  });
});

test("the type says what a binding guarantees", () => {
  expectTypeOf(sessions(kv).guarantee).toEqualTypeOf<"atomic">();
  expectTypeOf(sessions(plainBinding(kv)).guarantee).toEqualTypeOf<Guarantee>();
});

test("what is no namespace is no store of sessions", () => {
  expect(() => sessions(undefined as unknown as KVBinding)).toThrow(TypeError);
});
