import { describe, expect, it } from "vitest";
import { absentBinding, unsupportedBinding } from "./absent-binding.js";

interface Anything {
  readonly [member: string]: (...args: readonly unknown[]) => Anything & Promise<never>;
}

const bound = (kind: string) => unsupportedBinding({ name: "X", kind }) as Anything;

describe("a binding of a kind that Kvasir does not have", () => {
  it("rejects calls with one sentence for the first method, however many calls follow", async () => {
    const message = /^env\.X\.prepare\(\) failed: Kvasir has no bindings of the kind "D1 Database"\. Catch/;
    await expect(bound("D1 Database")["prepare"]?.("sql")).rejects.toThrow(message);
    await expect(bound("D1 Database")["prepare"]?.("sql")["bind"]?.(1)["first"]?.()).rejects.toThrow(message);
  });

  it("lets code go on that catches the error or does not wait for it", async () => {
    const sent = bound("Queue")["send"]?.({});
    expect(sent instanceof Promise).toBe(true);
    expect(await sent?.catch(() => "caught")).toBe("caught");
    expect(await Promise.allSettled([bound("Queue")["send"]?.({})])).toMatchObject([{ status: "rejected" }]);
  });

  it("begins the stack with the code that calls it", async () => {
    const error: Error = await bound("AI")
      ["run"]?.("model")
      .catch((cause: Error) => cause);
    expect(error.stack?.split("\n")[1]).toContain("absent-binding.test.ts");
  });

  it("discards data points without an error", () => {
    expect(bound("Analytics Engine Dataset")["writeDataPoint"]?.({})).toBeUndefined();
  });

  it("throws when a value is read", () => {
    expect(() => bound("Hyperdrive Config")["connectionString"]).toThrow(
      'env.X.connectionString failed: Kvasir has no bindings of the kind "Hyperdrive Config".',
    );
  });
});

it("an absent binding can be awaited, compared, printed and serialized", async () => {
  const binding = absentBinding(() => "absent");
  expect(await Promise.resolve(binding)).toBe(binding);
  expect(JSON.stringify({ binding })).toBe('{"binding":{}}');
  expect(`${binding}`).toBe("[object Object]");
});
