/** The judge must find each kind of broken promise where it is planted, and nothing in a run without one. */
import { expect, test } from "vitest";
import type { Operation, Outcome, Request } from "./history.js";
import { judge, type Run, type Verdict } from "./judge.js";
import { STAYING, stayingKey } from "./load.js";

const STAYING_KEYS = Array.from({ length: STAYING }, (_, at) => stayingKey(at));
const UNBORN = { value: null, version: null };
const FIRST = { value: "a", version: 1 };

function done(request: Request, result: unknown, [beganUs, endedUs] = [0, 1]): Operation {
  return { client: "one", request, beganUs, endedUs, outcome: { is: "done", result } };
}

function ended(request: Request, outcome: Outcome): Operation {
  return { client: "one", request, beganUs: 0, endedUs: 1, outcome };
}

const PUT = { kind: "put", key: "new:1" } as const;
const SWAP = { kind: "swap", key: "register:0", from: UNBORN, value: "a" } as const;
const READ = { kind: "read", key: "register:0", isStrong: true } as const;
const INCREMENT = { kind: "increment", key: "counter:0" } as const;
const PUT_DONE = done(PUT, { ok: true, version: 5 });
const SWAP_DONE = done(SWAP, { ok: true, version: 1 });

/** A run in which nothing is wrong. */
const SOUND: Run = {
  operations: [
    PUT_DONE,
    SWAP_DONE,
    done(READ, FIRST, [2, 3]),
    done(INCREMENT, 1),
    ended(INCREMENT, { is: "unknown" }),
    done({ kind: "get", key: stayingKey(0) }, stayingKey(0)),
    done({ kind: "list" }, STAYING_KEYS),
    done({ kind: "pair", key: "{pair:0}" }, ["a", "a"]),
    done({ kind: "expired", key: "expiring:1" }, null),
  ],
  watches: [[{ session: "one:1", key: "new:1", version: 5 }]],
  watchedUntilUs: 10,
  final: {
    written: new Map([["new:1", "new:1"]]),
    counters: new Map([["counter:0", 2]]),
    registers: new Map([["register:0", FIRST]]),
  },
};

function withOperations(...operations: readonly Operation[]): Run {
  return { ...SOUND, operations: [...SOUND.operations, ...operations] };
}

function brokenIn(run: Run): readonly string[] {
  const verdict = judge(run);
  return Object.keys(verdict).filter((promise) => verdict[promise as keyof Verdict].length > 0);
}

test("nothing is found in a run that kept all promises", () => {
  expect(brokenIn(SOUND)).toEqual([]);
});

test.each<[string, Run, readonly (keyof Verdict)[]]>([
  [
    "a write that is gone",
    { ...SOUND, watches: [[]], watchedUntilUs: 0, final: { ...SOUND.final, written: new Map() } },
    ["lost"],
  ],
  [
    "a refused write that was made",
    {
      ...SOUND,
      operations: [
        ended(PUT, { is: "refused" }),
        SWAP_DONE,
        done(INCREMENT, 1),
        ended(INCREMENT, { is: "unknown" }),
      ],
    },
    ["lost"],
  ],
  [
    "two winners of one condition",
    withOperations(done({ ...SWAP, value: "b" }, { ok: true, version: 1 })),
    ["twoWinners", "inexplicable"],
  ],
  ["a change that is gone", { ...SOUND, final: { ...SOUND.final, registers: new Map() } }, ["twoWinners"]],
  ["a write that was made twice", withOperations(done(PUT, { ok: false, version: 5 })), ["twoWinners"]],
  [
    "a counter that is too small",
    { ...SOUND, final: { ...SOUND.final, counters: new Map([["counter:0", 0]]) } },
    ["counters"],
  ],
  [
    "a counter that is too large",
    { ...SOUND, final: { ...SOUND.final, counters: new Map([["counter:0", 3]]) } },
    ["counters"],
  ],
  ["a version that falls", withOperations(done(READ, UNBORN, [4, 5])), ["versions", "inexplicable"]],
  ["a key that is not found", withOperations(done({ kind: "get", key: stayingKey(1) }, null)), ["reads"]],
  ["an expired entry", withOperations(done({ kind: "expired", key: "expiring:2" }, "x")), ["reads"]],
  ["half of a commit", withOperations(done({ kind: "pair", key: "{pair:0}" }, ["a", "b"])), ["reads"]],
  ["a list that skips a key", withOperations(done({ kind: "list" }, STAYING_KEYS.slice(1))), ["lists"]],
  [
    "a list that repeats a key",
    withOperations(done({ kind: "list" }, [...STAYING_KEYS, STAYING_KEYS.at(-1)])),
    ["lists"],
  ],
  ["a change that a watch does not tell", { ...SOUND, watches: [[]] }, ["watches"]],
  [
    "a change that is told twice",
    { ...SOUND, watches: [SOUND.watches.flat().flatMap((one) => [one, one])] },
    ["watches"],
  ],
  ["a response after 16 seconds", withOperations(done({ kind: "page" }, null, [0, 16_000_000])), ["late"]],
  [
    "an error that nothing explains",
    withOperations(ended({ kind: "page" }, { is: "unexpected", error: "E" })),
    ["unexpected"],
  ],
])("%s is found", (_, run, broken) => {
  expect(brokenIn(run)).toEqual(broken);
});
