import { open } from "@kvasir/store";
import { expect, test } from "vitest";
import { recipeRequests } from "../../bench/src/fixtures/recipe-requests.js";

/**
 * The numbers on the recipes' pages. One more request breaks a promise; one less means that a page must be
 * corrected.
 */
const REQUESTS: Readonly<Record<string, number>> = {
  "sessions: create": 1,
  "sessions: get": 1,
  "sessions: update, by id": 2,
  "sessions: update, of one that was read": 1,
  "sessions: revoke, of one that was read": 1,
  "sessions: revoke all of a user": 3,
  "cache: miss": 3,
  "cache: hit": 1,
  "cache: invalidate a tag": 1,
  "flags: check": 1,
  "flags: check, remembered": 0,
  "flags: load ten": 1,
  "rate limit: check, fixed-window": 1,
  "rate limit: check that is refused, fixed-window": 1,
  "rate limit: check that is known to be refused, fixed-window": 0,
  "rate limit: check, sliding-window": 2,
  "rate limit: check that is refused, sliding-window": 1,
  "rate limit: check that is known to be refused, sliding-window": 0,
  "rate limit: check, token-bucket": 2,
  "rate limit: check that is refused, token-bucket": 1,
  "rate limit: check that is known to be refused, token-bucket": 0,
  "lock: acquire and release": 2,
  "lock: renew": 1,
  "lock: guarded write": 1,
  "lock: try one that is held": 2,
  "event log: append, the first of a process": 2,
  "event log: append": 1,
  "event log: append a hundred": 1,
  "event log: page of the newest 50": 1,
  "preferences: get": 1,
  "preferences: patch": 2,
  "experiment: assign, the first time": 2,
  "experiment: assign": 1,
  "experiment: expose, the first time": 2,
  "experiment: expose": 1,
};

test("each operation of a recipe asks of the store what its page says", async () => {
  const database = open(":memory:");
  try {
    const counts = await recipeRequests(database.namespace("recipes"));
    const named = counts.map(({ recipe, operation, requests }) => [`${recipe}: ${operation}`, requests]);
    expect(Object.fromEntries(named)).toEqual(REQUESTS);
  } finally {
    await database.close();
  }
});
