import { experiment, type FlagDefinition, flags } from "@kvasir/client/recipes";
import { open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { plainBinding } from "../harness/bindings.js";
import { startWorkerApp } from "./worker-app.js";

/** Tests how evenly flags and experiments divide users, and which users move when the definitions change. */

const USERS = Array.from({ length: 100_000 }, (_, user) => `user-${user}`);
/**
 * The deviation that chance alone exceeds once in 10,000 times. It is always within one percent of all users.
 */
const tolerance = (share: number) => 4 * Math.sqrt((share * (1 - share)) / USERS.length);

let database: ReturnType<typeof open>;
beforeEach(() => {
  database = open(":memory:");
});
afterEach(() => database.close());

/** The variant that each user gets from a flag with this definition. */
async function decide(name: string, definition: FlagDefinition) {
  const loaded = await flags(database.namespace("flags"), { defaults: { [name]: definition } }).load([name]);
  return USERS.map((user) => loaded.evaluate(name, user));
}

const shareOf = (users: number) => users / USERS.length;

describe("a rollout", () => {
  test.each([0.5, 1, 10, 33.3, 50, 90, 99.9])("to %d %% reaches that share, of any flag", async (rollout) => {
    expect(tolerance(rollout / 100)).toBeLessThan(0.01);
    for (const name of ["new-checkout", "a", "größer"]) {
      const reached = (await decide(name, { rollout })).filter(({ enabled }) => enabled).length;
      expect(Math.abs(shareOf(reached) - rollout / 100)).toBeLessThan(tolerance(rollout / 100));
    }
  });

  test("that grows loses nobody", async () => {
    let before = USERS.map(() => false);
    for (const rollout of [0, 1, 10, 20, 50, 99, 100]) {
      const after = (await decide("new-checkout", { rollout })).map(({ enabled }) => enabled);
      expect(before.filter((had, at) => had && !after[at])).toEqual([]);
      before = after;
    }
    expect(before).not.toContain(false);
  });

  test("of one flag says nothing about another's", async () => {
    const one = await decide("one", { rollout: 50 });
    const other = await decide("other", { rollout: 50 });
    const both = USERS.filter((_, at) => one[at]?.enabled && other[at]?.enabled).length;
    expect(Math.abs(shareOf(both) - 0.25)).toBeLessThan(tolerance(0.25));
  });
});

/** A change of the weights may only move users to the new variant, as many as its share. */
function expectOnlyItsShareMoved(
  before: readonly (string | null)[],
  after: readonly (string | null)[],
  { variant, share }: { readonly variant: string; readonly share: number },
): void {
  const moved = after.filter((now, at) => now !== before[at]);
  expect(new Set(moved)).toEqual(new Set([variant]));
  expect(Math.abs(shareOf(moved.length) - share)).toBeLessThan(tolerance(share));
}

const BEFORE = { control: 60, blue: 30, green: 10 };
const AFTER = { ...BEFORE, red: 25 };

describe("the variants of a flag", () => {
  const variantsOf = async (variants: Record<string, number>) =>
    (await decide("button", { variants })).map(({ variant }) => variant);

  test("have their shares", async () => {
    const variants = await variantsOf(BEFORE);
    for (const [variant, weight] of Object.entries(BEFORE)) {
      const share = shareOf(variants.filter((given) => given === variant).length);
      expect(Math.abs(share - weight / 100)).toBeLessThan(tolerance(weight / 100));
    }
  });

  test("give a new one its share, and nobody else moves", async () => {
    expectOnlyItsShareMoved(await variantsOf(BEFORE), await variantsOf(AFTER), {
      variant: "red",
      share: 0.2,
    });
  });

  test("share out what one that goes leaves, and nobody else moves", async () => {
    const [before, after] = [await variantsOf(AFTER), await variantsOf(BEFORE)];
    expect(new Set(before.filter((was, at) => was !== after[at]))).toEqual(new Set(["red"]));
  });

  test("do not depend on the rollout, which takes from all alike", async () => {
    const all = await decide("button", { variants: BEFORE });
    const some = await decide("button", { variants: BEFORE, rollout: 20 });
    expect(some.filter(({ enabled, variant }, at) => enabled && variant !== all[at]?.variant)).toEqual([]);
    const blue = some.filter(({ variant }) => variant === "blue").length;
    expect(Math.abs(shareOf(blue) - 0.06)).toBeLessThan(tolerance(0.06));
  });
});

describe("the variants of an experiment", () => {
  const assigned = async (variants: Record<string, number>, users = USERS, sticky = false) => {
    const kv = database.namespace("experiments");
    const button = experiment(sticky ? kv : plainBinding(kv), { name: "button", variants });
    return Promise.all(users.map((user) => button.assign(user)));
  };

  test("have their shares, and give a new one its own", async () => {
    const before = await assigned(BEFORE);
    for (const [variant, weight] of Object.entries(BEFORE)) {
      const share = shareOf(before.filter((given) => given === variant).length);
      expect(Math.abs(share - weight / 100)).toBeLessThan(tolerance(weight / 100));
    }
    expectOnlyItsShareMoved(before, await assigned(AFTER), { variant: "red", share: 0.2 });
  });

  test("stay with whom they were assigned; a new one comes to those who are new", async () => {
    const [old, fresh] = [USERS.slice(0, 2_000), USERS.slice(2_000, 4_000)];
    const before = await assigned(BEFORE, old, true);
    const after = await assigned(AFTER, [...old, ...fresh], true);
    expect(after.slice(0, old.length)).toEqual(before);
    expect(after.slice(old.length)).toEqual(await assigned(AFTER, fresh));
    expect(after.slice(old.length)).toContain("red");
  });
});

test("a Worker decides as this process does", async () => {
  const app = await startWorkerApp(`
    import { experiment, flags } from "@kvasir/client/recipes";
    export default {
      async fetch(request, env) {
        const { users, definition } = await request.json();
        const features = await flags(env.KV, { defaults: { button: definition } }).load(["button"]);
        const plain = Object.fromEntries(["get", "getWithMetadata", "put", "delete", "list"]
          .map((name) => [name, (...args) => env.KV[name](...args)]));
        const button = experiment(plain, { name: "button", variants: definition.variants });
        return Response.json(await Promise.all(users.map(async (user) =>
          [features.variant("button", user), await button.assign(user)])));
      },
    };`);
  const users = [...USERS.slice(0, 1_000), "größer", "\u{1f600}"];
  const definition = { rollout: 50, variants: BEFORE };
  const there = await fetch(app.url, { method: "POST", body: JSON.stringify({ users, definition }) });
  const features = await flags(database.namespace("flags"), { defaults: { button: definition } }).load([
    "button",
  ]);
  const button = experiment(plainBinding(database.namespace("e")), { name: "button", variants: BEFORE });
  const here = await Promise.all(
    users.map(async (user) => [features.variant("button", user), await button.assign(user)]),
  );
  expect(await there.json()).toEqual(here);
});
