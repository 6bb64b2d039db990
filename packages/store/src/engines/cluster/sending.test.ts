import { describe, expect, test } from "vitest";
import type { Reply } from "./connection.js";
import type { Joiner } from "./joint.js";
import { BULK_BYTES_MAX, BULK_OPERATIONS_MAX } from "./limits.js";
import { newOperation, type Operation } from "./operation.js";
import { repliesOf, type Sending, sendingsOf } from "./sending.js";

const settle = { resolve() {}, reject() {} };
const joinerOf = (name: string): Joiner<unknown> => ({
  commandsOf: (parts) => [["READ", name, ...parts.map(String)]],
  repliesOf: ([reply], parts) => parts.map((_, at) => (reply as readonly Reply[])[at] ?? null),
});
const [a, b] = [joinerOf("a"), joinerOf("b")];

function joined(joiner: Joiner<unknown>, part: string, { slot = 0, keys = 1, bytes = 10 } = {}): Operation {
  const init = { slot, isRead: true, lane: "reads" as const, joint: { joiner, part, keys }, bytes };
  return newOperation(init, settle);
}

function alone(name: string, slot = 0): Operation {
  return newOperation({ slot, isRead: true, lane: "reads", commands: [["GET", name]] }, settle);
}

function sent(operations: readonly Operation[]) {
  return sendingsOf(operations).map(({ commands }: Sending) => commands.map((command) => command.join(" ")));
}

describe("operations that gathered", () => {
  test("are one command if they have the same joiner, whatever lies between them in other slots", () => {
    const gathered = [joined(a, "1"), joined(b, "2", { slot: 16 }), alone("x", 32), joined(a, "3")];
    expect(sent(gathered)).toEqual([["READ a 1 3"], ["READ b 2"], ["GET x"]]);
  });

  test("keep their order within a slot", () => {
    expect(sent([joined(a, "1"), alone("x"), joined(a, "2")])).toEqual([
      ["READ a 1"],
      ["GET x"],
      ["READ a 2"],
    ]);
    expect(sent([joined(a, "1"), joined(b, "2"), joined(a, "3")])).toEqual([
      ["READ a 1"],
      ["READ b 2"],
      ["READ a 3"],
    ]);
  });

  test("are cut where a command would keep its node busy", () => {
    const many = Array.from({ length: BULK_OPERATIONS_MAX + 1 }, (_, at) => joined(a, String(at)));
    expect(sendingsOf(many).map(({ operations }) => operations.length)).toEqual([BULK_OPERATIONS_MAX, 1]);
    const large = { bytes: BULK_BYTES_MAX / 2 + 1 };
    expect(sent([joined(a, "1", large), joined(a, "2", large)])).toEqual([["READ a 1"], ["READ a 2"]]);
    const half = { keys: BULK_OPERATIONS_MAX / 2 + 1 };
    expect(sent([joined(a, "1", half), joined(a, "2", half)])).toEqual([["READ a 1"], ["READ a 2"]]);
  });

  test("are not joined when a node sent one of them elsewhere: ASKING is for one command", () => {
    const asked = joined(a, "2");
    asked.askedAt = "127.0.0.1:7001";
    expect(sent([joined(a, "1"), asked, joined(a, "3")])).toEqual([["READ a 1"], ["READ a 2"], ["READ a 3"]]);
  });

  test("get each what is theirs of the reply", () => {
    const [sending] = sendingsOf([joined(a, "1"), joined(a, "2")]);
    expect(repliesOf(sending as Sending, [["one", "two"]])).toEqual([["one"], ["two"]]);
    const [other] = sendingsOf([alone("x")]);
    expect(repliesOf(other as Sending, ["value"])).toEqual([["value"]]);
  });
});
