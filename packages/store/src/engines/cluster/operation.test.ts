import { expect, test } from "vitest";
import { Lost, Refusal } from "./connection.js";
import { outcomeOf } from "./operation.js";

const WRITE = { isRead: false };
const READ = { isRead: true };
const moved = new Refusal("MOVED 3999 127.0.0.1:6381");
const lost = new Lost("Connection is closed.");
const wrong = new Refusal("WRONGTYPE Operation against a key");

test("replies that are confirmed are done", () => {
  expect(outcomeOf(WRITE, [1, null], null)).toEqual({ is: "done", replies: [1, null] });
});

test.each([
  "MOVED 1 a:1",
  "ASK 1 a:1",
  "CLUSTERDOWN x",
  "TRYAGAIN x",
  "READONLY x",
  "LOADING x",
  "NOSCRIPT x",
])("%s is tried again: nothing was executed", (message) => {
  expect(outcomeOf(WRITE, [new Refusal(message)], null)).toMatchObject({ is: "again" });
});

test("a write whose connection ended is in doubt, and a read is repeated", () => {
  expect(outcomeOf(WRITE, [lost], "x")).toMatchObject({ is: "failed", error: { code: "outcome_unknown" } });
  expect(outcomeOf(READ, [lost], null)).toMatchObject({ is: "again" });
});

test("a write that the replicas have not confirmed is in doubt, and a fenced read is repeated", () => {
  expect(outcomeOf(WRITE, [1], "0 of 1")).toMatchObject({ is: "failed", error: { code: "outcome_unknown" } });
  expect(outcomeOf(READ, [1], "0 of 1")).toMatchObject({ is: "again" });
});

test("a write of which a part was refused is in doubt", () => {
  expect(outcomeOf(WRITE, [1, moved], null)).toMatchObject({
    is: "failed",
    error: { code: "outcome_unknown" },
  });
  expect(outcomeOf(WRITE, [moved, moved], null)).toMatchObject({ is: "again" });
});

test("an error of the command itself is that error", () => {
  expect(outcomeOf(WRITE, [wrong], "unconfirmed")).toEqual({ is: "failed", error: wrong });
  expect(outcomeOf(READ, [wrong], null)).toEqual({ is: "failed", error: wrong });
});
