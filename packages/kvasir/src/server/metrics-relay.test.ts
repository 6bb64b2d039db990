import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { MetricsSnapshot } from "../api/metrics/metrics.js";
import { METRICS_WAIT_MS } from "./limits.js";
import { MetricsRelay } from "./metrics-relay.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const snapshot = (count: number, open = 0): MetricsSnapshot => [
  { name: "requests", type: "counter", values: [{ labels: { status: 200 }, value: count }] },
  { name: "open", type: "gauge", values: [{ labels: {}, value: open }] },
];

type Gathered = Awaited<ReturnType<MetricsRelay["gather"]>>;

/** The sum of a metric over all that was gathered. */
function sumOf({ snapshots, past }: Pick<Gathered, "snapshots" | "past">, name: string): number {
  const metrics = [...snapshots, ...past].flat() as { name: string; values: { value: number }[] }[];
  return metrics
    .filter((metric) => metric.name === name)
    .flatMap(({ values }) => values)
    .reduce((sum, { value }) => sum + value, 0);
}

it("counts what workers had counted that have ended since, once, and none of their gauges", async () => {
  const relay = new MetricsRelay();
  const first = await relay.gather({ worker: 1, snapshot: snapshot(5) }, 1, (id) => {
    relay.answered(id, 2, snapshot(7, 3));
  });
  expect([sumOf(first, "requests"), sumOf(first, "open"), first.missing]).toEqual([7, 3, 0]);
  relay.ended(2);
  relay.ended(2);
  // Worker 3 takes its place.
  const second = await relay.gather({ worker: 1, snapshot: snapshot(5) }, 1, (id) => {
    relay.answered(id, 3, snapshot(1, 1));
  });
  expect([sumOf(second, "requests"), sumOf(second, "open")]).toEqual([8, 1]);
  relay.ended(3);
  relay.ended(1);
  const third = await relay.gather({ worker: 4, snapshot: snapshot(0) }, 0, () => {});
  expect(sumOf(third, "requests")).toBe(7 + 1 + 5);
});

it("counts the last figures of a worker that does not respond in time", async () => {
  const relay = new MetricsRelay();
  await relay.gather({ worker: 1, snapshot: snapshot(5) }, 1, (id) => relay.answered(id, 2, snapshot(7, 3)));
  const late = relay.gather({ worker: 1, snapshot: snapshot(6) }, 1, () => {});
  await vi.advanceTimersByTimeAsync(METRICS_WAIT_MS);
  const gathered = await late;
  expect([sumOf(gathered, "requests"), sumOf(gathered, "open"), gathered.missing]).toEqual([7, 0, 1]);
});

it("remembers figures that come too late", async () => {
  const relay = new MetricsRelay();
  let asked = 0;
  const gathering = relay.gather({ worker: 1, snapshot: snapshot(5) }, 1, (id) => {
    asked = id;
  });
  await vi.advanceTimersByTimeAsync(METRICS_WAIT_MS);
  await gathering;
  relay.answered(asked, 2, snapshot(9));
  relay.ended(2);
  expect(sumOf(await relay.gather({ worker: 1, snapshot: snapshot(5) }, 0, () => {}), "requests")).toBe(9);
});
