import { describe, expect, it } from "vitest";
import { Admission } from "./admission.js";

/** Work that ends when it is told to. */
function task() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: () => ended, end };
}

describe("Admission", () => {
  it("lets work in first come, first served, within its bytes", async () => {
    const admission = new Admission({ bytesMax: 100, waitMs: 10_000 });
    const order: string[] = [];
    const first = task();
    const holding = admission.hold(80, first.work);
    const large = admission.hold(50, async () => void order.push("large"));
    // There is room for it, but it came later.
    const small = admission.hold(10, async () => void order.push("small"));
    expect([admission.bytesHeld, order]).toEqual([80, []]);
    first.end();
    await Promise.all([holding, large, small]);
    expect([admission.bytesHeld, order]).toEqual([0, ["large", "small"]]);
  });

  it("gives back what failed work held", async () => {
    const admission = new Admission({ bytesMax: 100, waitMs: 10_000 });
    const failing = admission.hold(100, async () => {
      throw new Error("failed");
    });
    await expect(failing).rejects.toThrow("failed");
    expect(admission.bytesHeld).toBe(0);
  });

  it("lets a request larger than all of it in alone", async () => {
    const admission = new Admission({ bytesMax: 100, waitMs: 10_000 });
    await admission.hold(1000, async () => expect(admission.bytesHeld).toBe(100));
  });

  it("answers unavailable to what waits too long, and lets the next one in", async () => {
    const admission = new Admission({ bytesMax: 100, waitMs: 1 });
    const first = task();
    const holding = admission.hold(60, first.work);
    await expect(admission.hold(50, async () => {})).rejects.toMatchObject({ code: "unavailable" });
    await admission.hold(40, async () => expect(admission.bytesHeld).toBe(100));
    first.end();
    await holding;
  });
});
