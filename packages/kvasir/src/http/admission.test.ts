import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Admission } from "./admission.js";
import type { Hold } from "./hold.js";
import { BUFFER_WAITERS_MAX, BUFFER_WAITERS_PER_CLIENT_MAX, STALL_BYTES_MIN } from "./limits.js";

const MAX = 100_000;
const WAIT_MS = 20_000;
const STALL_MS = 5_000;
const unavailable = { code: "unavailable" };
const requestTimeout = { code: "request_timeout" };

let admission: Admission;
beforeEach(() => {
  vi.useFakeTimers();
  admission = new Admission({ bytesMax: MAX, waitMs: WAIT_MS, stallMs: STALL_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A request that holds `bytes` and waits for its client to send more. */
function holding(client: string, bytes: number): { hold: Hold; gaveWay: Promise<unknown> } {
  const hold = admission.open(client, { isGone: () => false });
  if (hold.charge(bytes) !== undefined) throw new Error("there was no room");
  const gaveWay = new Promise((_, reject) => hold.waitsForClient(reject)).catch((error: unknown) => {
    hold.close();
    return error;
  });
  return { hold, gaveWay };
}

/** A request that asks for memory, and its outcome. */
function asking(client: string, bytes: number) {
  const hold = admission.open(client, { isGone: () => false });
  const asked = { hold, outcome: "waits" as unknown };
  const done = (outcome: unknown) => {
    asked.outcome = outcome;
  };
  const charged = hold.charge(bytes);
  if (charged === undefined) done("holds");
  else charged.then(() => done("holds"), done);
  return asked;
}

const settled = () => vi.advanceTimersByTimeAsync(0);

describe("memory", () => {
  it("is charged without a promise where there is room, and given back", () => {
    const { hold } = holding("a", MAX);
    expect(admission.bytesHeld).toBe(MAX);
    hold.shrinkTo(10);
    expect(admission.bytesHeld).toBe(10);
    hold.close();
    expect(admission.bytesHeld).toBe(0);
  });

  it("is exceeded by one request at a time, so that there is always one that gets on", async () => {
    const halves = [holding("a", MAX / 2), holding("b", MAX / 2)].map(({ hold }) => ({ hold, whole: false }));
    for (const half of halves) {
      void half.hold.charge(MAX)?.then(() => {
        half.whole = true;
      });
    }
    await settled();
    expect(halves.map(({ whole }) => whole)).toEqual([true, false]);
    expect(admission.bytesHeld).toBe(2 * MAX);
    halves[0]?.hold.close();
    await settled();
    expect(halves.map(({ whole }) => whole)).toEqual([true, true]);
  });

  it("goes to those that came first", async () => {
    holding("a", MAX);
    asking("b", MAX);
    const [first, second] = [asking("b", MAX), asking("b", 1)];
    await settled();
    expect([first.outcome, second.outcome]).toEqual(["waits", "waits"]);
  });

  it("goes to clients within their share before those over it", async () => {
    const { hold } = holding("greedy", MAX);
    asking("greedy", MAX);
    const [greedy, modest] = [asking("greedy", MAX / 4), asking("modest", MAX / 4)];
    hold.shrinkTo(MAX);
    hold.close();
    await settled();
    expect([greedy.outcome, modest.outcome]).toEqual(["holds", "holds"]);
    expect(admission.bytesHeld).toBe(MAX + MAX / 2);
  });
});

describe("a request that waits", () => {
  beforeEach(() => {
    holding("a", MAX).hold.waitsForClient(null);
    asking("a", MAX);
  });

  it("is refused when it has waited for too long", async () => {
    const asked = asking("a", 1);
    await vi.advanceTimersByTimeAsync(WAIT_MS);
    expect(asked.outcome).toMatchObject(unavailable);
  });

  it("is forgotten when its client goes", async () => {
    let gone = false;
    const hold = admission.open("b", { isGone: () => gone });
    const charged = expect(hold.charge(1)).rejects.toMatchObject({ code: "bad_request" });
    gone = true;
    await vi.advanceTimersByTimeAsync(STALL_MS);
    await charged;
    expect([admission.waiting, admission.gaveWay]).toEqual([0, 0]);
  });

  it("is refused at once where too many wait, of one client or of all", async () => {
    asking("b", 1);
    for (let at = 0; at < BUFFER_WAITERS_PER_CLIENT_MAX; at++) asking("a", 1);
    expect(() => asking("a", 1)).toThrow(expect.objectContaining(unavailable));
    while (admission.waiting < BUFFER_WAITERS_MAX) asking(`${admission.waiting}`, 1);
    expect(() => asking("b", 1)).toThrow(expect.objectContaining(unavailable));
    await vi.advanceTimersByTimeAsync(WAIT_MS);
    expect(admission.waiting).toBe(0);
  });

  it("may have the whole queue where there is no other client", () => {
    while (admission.waiting < BUFFER_WAITERS_MAX) asking("a", 1);
  });
});

describe("a client that has stalled", () => {
  it("gives way when others wait", async () => {
    const { gaveWay } = holding("a", MAX);
    await vi.advanceTimersByTimeAsync(10 * STALL_MS);
    const [leader, other] = [asking("b", MAX), asking("b", 1)];
    leader.hold.waitsForClient(null);
    await vi.advanceTimersByTimeAsync(STALL_MS);
    expect(await gaveWay).toMatchObject(requestTimeout);
    await settled();
    expect(other.outcome).toBe("holds");
    expect(admission.gaveWay).toBe(1);
  });

  it("does not where its bytes are not needed, or where it goes on slowly", async () => {
    const large = holding("a", MAX - 1000);
    const [slow, small] = [holding("a", 500), holding("a", 500)];
    asking("b", MAX);
    const other = asking("b", 10);
    for (let round = 0; round < 3; round++) {
      large.hold.moved(STALL_BYTES_MIN);
      slow.hold.moved(STALL_BYTES_MIN);
      await vi.advanceTimersByTimeAsync(STALL_MS);
    }
    expect(await small.gaveWay).toMatchObject(requestTimeout);
    expect(other.outcome).toBe("holds");
    expect([large, slow].map(({ hold }) => hold.giveWay === null)).toEqual([false, false]);
  });

  it("is not one that waited for memory itself", async () => {
    const busy = holding("a", MAX).hold;
    busy.waitsForClient(null);
    asking("a", MAX);
    const [first, second] = [asking("b", 1), asking("c", 1)];
    await vi.advanceTimersByTimeAsync(STALL_MS - 1);
    busy.shrinkTo(MAX - 1);
    await settled();
    first.hold.waitsForClient(() => expect.unreachable());
    await vi.advanceTimersByTimeAsync(1);
    expect([first.outcome, second.outcome]).toEqual(["holds", "waits"]);
  });
});

it("a client over its share gives way, however fast, to one within its own that has waited for long", async () => {
  const greedy = holding("greedy", MAX);
  const leader = holding("greedy", 0);
  await leader.hold.charge(MAX);
  const modest = asking("modest", 1);
  for (let ms = 0; ms < WAIT_MS / 2; ms += STALL_MS) {
    expect(modest.outcome).toBe("waits");
    greedy.hold.moved(MAX);
    leader.hold.moved(MAX);
    await vi.advanceTimersByTimeAsync(STALL_MS);
  }
  await settled();
  expect(modest.outcome).toBe("holds");
  expect(admission.gaveWay).toBe(1);
});
