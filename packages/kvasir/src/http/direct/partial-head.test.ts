import { describe, expect, it } from "vitest";
import { DIRECT_HEAD_BYTES_MAX } from "../limits.js";
import { PartialHead } from "./partial-head.js";

const HEAD = "PUT /binding/ns/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n";

/**
 * The number of bytes, added one at a time, after which the head can be read. `null` if that never happens.
 */
function decidedAfter(text: string): number | null {
  const partial = new PartialHead();
  for (let at = 0; at < text.length; at++) {
    if (partial.add(Buffer.from(text[at] as string, "latin1"))) return at + 1;
  }
  return null;
}

describe("a head of which a part has come", () => {
  it("is waited for up to its empty line, wherever it is cut", () => {
    for (let cut = 1; cut < HEAD.length; cut++) {
      const partial = new PartialHead();
      expect(partial.add(Buffer.from(HEAD.slice(0, cut))), `${cut}`).toBe(false);
      expect(partial.add(Buffer.from(`${HEAD.slice(cut)}value`)), `${cut}`).toBe(true);
      expect(String(partial.take())).toBe(`${HEAD}value`);
    }
    expect(decidedAfter(HEAD)).toBe(HEAD.length);
  });

  it.each([
    ["another method", "PATCH / HTTP/1.1", 2],
    ["a whole URL", "GET http://localhost/", 5],
    ["no HTTP", "hello", 1],
    ["TLS", "\x16\x03\x01", 1],
    ["a bare line feed", "GET / HTTP/1.1\nHost", 15],
    ["a bare carriage return", "GET / HTTP/1.1\rHost", 16],
    ["a control character", "GET / HTTP/1.1\r\nX: \x01 and so on", 20],
  ])("is not waited for when it cannot be plain: %s", (_, text, bytes) => {
    expect(decidedAfter(text)).toBe(bytes);
  });

  it("is not waited for beyond a bound", () => {
    expect(decidedAfter(`GET /${"y".repeat(20_000)}`)).toBe(DIRECT_HEAD_BYTES_MAX + 1);
  });
});
