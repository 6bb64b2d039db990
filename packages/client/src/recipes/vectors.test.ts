import { expect, test } from "vitest";
import { CacheKeys } from "./cache/cache-keys.js";
import { entryOf, entryText } from "./cache/entry.js";
import { decide } from "./flags/decision.js";
import { type FlagDefinition, parseFlag } from "./flags/definition.js";
import { parseSegments } from "./flags/rule.js";
import type { FlagUser } from "./flags/user.js";
import type { Meter } from "./rate-limit/metered-entry.js";
import { slidingWindow } from "./rate-limit/sliding-window.js";
import { tokenBucket } from "./rate-limit/token-bucket.js";
import { handleOf } from "./sessions/session-id.js";
import { SessionKeys } from "./sessions/session-keys.js";
import { recordText, type SessionRecord } from "./sessions/session-record.js";
import { clientKeyParts, clientName } from "./shared/client-key.js";
import { stableFraction, stableHash } from "./shared/hash.js";
import { recipeKey } from "./shared/key.js";
import { weightedChoice } from "./shared/weighted-choice.js";

const FILE = "../../../../testing/conformance/vectors/recipes.json";
const NOW_MS = 1_700_049_600_123;

const TEXTS = ["ada", "a:b%c", "", "x".repeat(80), "x".repeat(81), "ü".repeat(80), "😀".repeat(40)];
const ODD_TEXTS = ["😀".repeat(41), "\0ada", '"\\\b\f\n\r\t\u0001\u007f\u2028<&>'.repeat(9)];
const IDS = Array.from({ length: 50 }, (_, at) => `user-${at}`);
const SESSION_ID = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const DEFINITIONS: readonly FlagDefinition[] = [
  {},
  { enabled: false, allow: ["user-1"] },
  { rollout: 30, allow: ["user-1"], deny: ["user-1", "user-2"], description: "a note" },
  { rollout: 12.5, variants: { blue: 1, green: 3 } },
  {
    rollout: 0,
    variants: { blue: 1, green: 0 },
    rules: [
      { when: { country: ["de", "at"], age: 18 }, rollout: 50 },
      { when: { beta: true }, variant: "green" },
      { when: { id: "user-3" }, enabled: false },
    ],
  },
  {
    value: { color: "red", size: 1 },
    variants: { blue: 1, green: 3 },
    values: { green: [1, "ä", false] },
    rules: [
      { when: { age: { atLeast: 18, lessThan: 65 } }, value: 0.5 },
      { when: { plan: { not: ["free", 5] } }, value: false },
      { when: { email: { endsWith: ["@a.example", "@b.example"] } }, variant: "blue" },
      { when: { tags: { contains: "beta" } }, rollout: 50, value: "beta" },
      { when: { app: { versionAtLeast: "2.10", versionBelow: "3" } }, enabled: false },
      { when: { name: { startsWith: "A", contains: "d" } }, value: "A…d" },
      { when: { score: { moreThan: -1.5, atMost: 1e3 } }, value: null },
    ],
  },
  {
    bucketBy: "company",
    rollout: 40,
    variants: { a: 1, b: 1 },
    rules: [
      { segment: ["staff", "nobody"], when: { country: "de" } },
      { segment: "old", rollout: 0 },
    ],
  },
  { requires: { on: true } },
  { requires: { half: ["blue"] }, value: 1 },
  { requires: { circle: true } },
  { requires: { off: "blue" }, enabled: false },
  { requires: { missing: true } },
];
const SEGMENTS = {
  staff: [{ email: { endsWith: "@a.example" } }, { plan: ["staff"] }],
  old: [{ age: { moreThan: 64 } }],
};
const OTHER_FLAGS: Readonly<Record<string, FlagDefinition>> = {
  on: {},
  off: { enabled: false },
  half: { rollout: 50, variants: { blue: 1, green: 1 } },
  circle: { requires: { new: true } },
};
const NUMBERS = [0, -0, 1, -1.5, 0.1, 1e20, 1e21, 1.5e300, 123456789012345680000, 1e-6, 1.25e-7, 5e-324];
const USERS: readonly (FlagUser | null)[] = [
  null,
  ...IDS.slice(0, 20),
  { id: "user-4", country: "de", age: 18 },
  { id: "user-5", country: "at", age: 18.0, beta: true },
  { id: "user-6", country: "de", age: "18" },
  { id: "user-7", beta: 1 },
  { id: "user-8", beta: true },
  { id: "user-3", country: ["de"] },
  ...[1, 1.0, 2.5, 1e21, 1e-7, true, "acme", "", null, ["x"]].map((company, at) => ({
    id: `at-${at}`,
    company,
    country: "de",
  })),
  ...["a@a.example", "b@b.example", "c@c.example"].map((email, at) => ({
    id: `mail-${at}`,
    email,
    plan: "free",
    country: "de",
  })),
  { id: "plan-1", plan: "staff", country: "de" },
  { id: "plan-2", plan: null },
  { id: "plan-3", plan: 5, age: "18", tags: ["beta"] },
  { id: "plan-4", plan: 5.0, age: 65, tags: "alphabeta", company: "a" },
  ...["2.10", "v2.9.9", "2.10.0-rc.1", "3.0", "2.99.5+x", "two", 2.5, "2.10\nx", [2.5], false].map(
    (app, at) => ({
      id: `app-${at}`,
      plan: "free",
      app,
    }),
  ),
  ...["Ada", "ada", "Add", ["A"]].map((name, at) => ({ id: `name-${at}`, plan: "free", name })),
  ...[-1.5, -1, 1000, 1000.5, "5", true].map((score, at) => ({ id: `score-${at}`, plan: "free", score })),
];
const INVALID_DEFINITIONS: readonly unknown[] = [
  null,
  [],
  "on",
  { rollout: 101 },
  { rollout: "10" },
  { rollout: null },
  { rolout: 10 },
  { enabled: 1 },
  { allow: "ada" },
  { allow: [1] },
  { variants: {} },
  { variants: { a: 0 } },
  { variants: { a: -1, b: 2 } },
  { variants: { "": 1 } },
  { rules: [{}] },
  { rules: [{ when: {} }] },
  { rules: [{ when: { a: null } }] },
  { rules: [{ when: { a: [{}] } }] },
  { rules: [{ when: { a: 1 }, variant: "blue" }] },
  { rules: [{ when: { a: 1 }, extra: 1 }] },
  { description: 5 },
  { values: { a: 1 } },
  { values: [] },
  { variants: { a: 1 }, values: { b: 1 } },
  { bucketBy: "" },
  { bucketBy: 5 },
  { requires: { new: true } },
  { requires: { other: 1 } },
  { requires: { other: false } },
  { requires: [] },
  { rules: [{ segment: "" }] },
  { rules: [{ segment: [5] }] },
  { rules: [{ when: { a: {} } }] },
  { rules: [{ when: { a: { about: 1 } } }] },
  { rules: [{ when: { a: { atLeast: "1" } } }] },
  { rules: [{ when: { a: { lessThan: true } } }] },
  { rules: [{ when: { a: { startsWith: "" } } }] },
  { rules: [{ when: { a: { contains: [5] } } }] },
  { rules: [{ when: { a: { versionBelow: "x" } } }] },
  { rules: [{ when: { a: { not: null } } }] },
];

/** A series of checks, each on the state that the one before left. */
function metered<State>(algorithm: string, meter: Meter<State>) {
  let state = meter.empty;
  return [1, 2, 1, 1, 1, 3, 2, 5, 1, 1].map((cost, at) => {
    const nowMs = NOW_MS + at * at * 177;
    const before = state;
    const taken = meter.take(state, cost, nowMs);
    if (taken.result.allowed) state = taken.state;
    return { algorithm, before, cost, nowMs, result: taken.result, after: state };
  });
}

function decideInWorld(definition: FlagDefinition, user: FlagUser | undefined) {
  const flag = parseFlag("new", definition);
  const others = new Map(Object.entries(OTHER_FLAGS).map(([name, other]) => [name, parseFlag(name, other)]));
  const world = {
    segments: parseSegments(SEGMENTS),
    flag: (name: string) => (name === "new" ? flag : (others.get(name) ?? null)),
  };
  return decide("new", flag, user, world);
}

async function sessionWith(own: Omit<SessionRecord, "createdMs" | "endsMs">) {
  const record = { createdMs: NOW_MS, endsMs: NOW_MS + 60_000, ...own };
  const handle = (await handleOf(SESSION_ID)) ?? "";
  return {
    id: SESSION_ID,
    handle,
    keys: new SessionKeys("session:").of({ handle, userId: own.userId }),
    record,
    text: recordText(record),
  };
}

test("the recipes of all languages agree with these vectors (write them again with vitest -u)", async () => {
  const vectors = {
    keys: [
      ["rate-limit:", "a:b", "c%d"],
      ["", "100%:", "ä"],
    ].map(([prefix = "", ...parts]) => ({ prefix, parts, key: recipeKey(prefix, ...parts) })),
    clientKeys: await Promise.all(
      [...TEXTS, ...ODD_TEXTS].map(async (text) => ({ text, parts: await clientKeyParts(text) })),
    ),
    // Strings of Go have no such characters.
    loneSurrogates: await Promise.all(
      ["\ud800", "a\udfff"].map(async (text) => ({ text, parts: await clientKeyParts(text) })),
    ),
    hashes: [...TEXTS, ...ODD_TEXTS].flatMap((text) =>
      [0, 0x9747b28c].map((seed) => ({ text, seed, hash: stableHash(text, seed) })),
    ),
    fractions: IDS.slice(0, 5).map((id) => ({
      parts: ["rollout", "new", id],
      fraction: stableFraction("rollout", "new", id),
    })),
    choices: [
      { a: 1, b: 1 },
      { a: 1, b: 3, c: 0.5 },
      { a: 0, b: 2 },
      { ä: 1, z: 1, A: 1 },
    ].map((weights: Record<string, number>) => ({
      weights,
      chosen: IDS.map((id) => weightedChoice(weights, ["variant", "new", id])),
    })),
    decisions: DEFINITIONS.map((definition) => ({
      definition,
      users: USERS,
      decisions: USERS.map((user) => decideInWorld(definition, user ?? undefined)),
    })),
    segments: SEGMENTS,
    otherFlags: OTHER_FLAGS,
    numbers: NUMBERS.map((number) => [number, String(number)]),
    invalidDefinitions: INVALID_DEFINITIONS,
    meters: [
      ...metered("sliding-window", slidingWindow({ limit: 5, windowSeconds: 7 })),
      ...metered("token-bucket", tokenBucket({ limit: 5, windowSeconds: 7 })),
    ],
    sessions: [
      {
        id: SESSION_ID,
        handle: await handleOf(SESSION_ID),
        keys: new SessionKeys("session:").of({ handle: (await handleOf(SESSION_ID)) ?? "", userId: "a:b" }),
        record: { createdMs: NOW_MS, endsMs: NOW_MS + 60_000, userId: "a:b", data: { cart: ["ä<&>"] } },
        text: recordText({
          createdMs: NOW_MS,
          endsMs: NOW_MS + 60_000,
          userId: "a:b",
          data: { cart: ["ä<&>"] },
        }),
      },
      await sessionWith({ idleMs: 90_000, persistent: true, userId: "a:b", data: null }),
      await sessionWith({ idleMs: 90_000, persistent: false, data: {} }),
    ],
    cacheEntries: [
      { payload: '{"a":"ä\\n"}', failed: false, tags: { products: null, "p:1": "v1" } },
      { payload: "it failed", failed: true, tags: {} },
    ].map(({ tags, ...content }) => ({
      ...content,
      tags,
      text: entryText(
        entryOf(
          { ...content, freshMs: 60_000, staleMs: 5_000 },
          { nowMs: NOW_MS, tookMs: 12, tags: new Map(Object.entries(tags)) },
        ),
      ),
    })),
    cacheKeys: await Promise.all(
      TEXTS.map(async (text) => {
        const keys = new CacheKeys("cache:");
        const name = await clientName(text);
        return { key: text, entry: keys.entry(name), lease: keys.lease(name) };
      }),
    ),
  };
  await expect(`${JSON.stringify(vectors, null, 1)}\n`).toMatchFileSnapshot(FILE);
});

test.each(INVALID_DEFINITIONS.map((definition) => [JSON.stringify(definition), definition] as const))(
  "%s is not a definition",
  (_, definition) => {
    expect(() => parseFlag("new", definition)).toThrow(expect.objectContaining({ code: "option_invalid" }));
  },
);
