import { describe, expect, it } from "vitest";
import { BodyBuffer } from "./body-buffer.js";
import { BODY_BUFFER_BYTES_MIN } from "./limits.js";

describe("a body buffer", () => {
  it("holds what was appended, in order", () => {
    const body = new BodyBuffer();
    for (const part of ["a", "", "bc", "d".repeat(1000), "e"]) body.append(Buffer.from(part));
    expect(body.byteLength).toBe(1004);
    expect(String(body.take())).toBe(`abc${"d".repeat(1000)}e`);
  });

  it("holds at most twice what has arrived, and no more than it is going to get", () => {
    const body = new BodyBuffer(65_536);
    for (let bytes = 1; bytes <= 65_536; bytes++) {
      const expected = body.capacityWith(1);
      body.append(Buffer.of(bytes & 255));
      expect(body.capacity).toBe(expected);
      if (body.capacity > Math.max(BODY_BUFFER_BYTES_MIN, 2 * bytes))
        expect.fail(`${body.capacity} for ${bytes}`);
    }
    expect(body.capacity).toBe(65_536);
    expect(body.take().every((byte, at) => byte === ((at + 1) & 255))).toBe(true);
  });

  it("can be used again once it was taken", () => {
    const body = new BodyBuffer();
    body.append(Buffer.from("first"));
    const first = body.take();
    expect(body.capacity).toBe(0);
    body.append(Buffer.from("next"));
    expect(String(body.view())).toBe("next");
    expect(String(first)).toBe("first");
  });
});
