import { describe, expect, test } from "vitest";
import { EventStreamParser } from "./event-stream.js";
import { EVENT_LINE_LENGTH_MAX } from "./limits.js";

describe("EventStreamParser", () => {
  test.each([
    ["an event", 'id: 7\nevent: put\ndata: {"a":1}\n\n', [{ id: "7", event: "put", data: '{"a":1}' }]],
    ["no space after the colon", "event:put\ndata:x\n\n", [{ id: "", event: "put", data: "x" }]],
    ["only one space is taken", "data:  x\n\n", [{ id: "", event: "message", data: " x" }]],
    ["lines that end in CR LF, or CR", "data: a\r\n\r\ndata: b\r\r\n", [data("a"), data("b")]],
    ["data of several lines", "data: a\ndata\ndata: b\n\n", [data("a\n\nb")]],
    ["comments", ": heartbeat\n\n:\n\ndata: a\n: in between\n\n", [data("a")]],
    ["an id alone, to resume from", "id: 9\n\n", [{ id: "9", event: "message", data: undefined }]],
    [
      "an id counts on",
      "id: 1\ndata: a\n\ndata: b\n\n",
      [
        { id: "1", event: "message", data: "a" },
        { id: "1", event: "message", data: "b" },
      ],
    ],
    ["fields that it does not know", "retry: 5\nfoo: bar\n\n", []],
    ["a block that is not over", "data: a\n", []],
    ["colons in the data", "data: a: b\n\n", [data("a: b")]],
  ])("%s", (_, text, events) => {
    expect(new EventStreamParser().push(text)).toEqual(events);
    // The same, cut at every place that a network may cut it.
    for (let cut = 1; cut < text.length; cut++) {
      const parser = new EventStreamParser();
      expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual(events);
    }
    const parser = new EventStreamParser();
    expect([...text].flatMap((unit) => parser.push(unit))).toEqual(events);
  });

  test("a line without end is refused rather than gathered", () => {
    const parser = new EventStreamParser();
    parser.push(`data: ${"x".repeat(EVENT_LINE_LENGTH_MAX - 10)}`);
    expect(() => parser.push("x".repeat(10))).toThrow("too long");
  });
});

function data(text: string) {
  return { id: "", event: "message", data: text };
}
