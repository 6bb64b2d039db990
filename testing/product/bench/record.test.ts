import { expect, it } from "vitest";
import { mergeRecords, type RunRecord } from "../../../bench/src/core/record.js";
import { percentile, percentileOfSorted } from "../../../bench/src/core/summary.js";

const machine = { cpu: "a CPU", cores: 2, memoryGb: 8, node: "v20.19.0", os: "Linux 6" };

it("puts the results of a scenario that was measured again in the place of its old ones", () => {
  const merged = mergeRecords(recordOf(["get", 1], ["put", 1]), recordOf(["put", 2]), ["get", "put", "list"]);
  expect(merged.results.map(({ scenario, seconds }) => [scenario, seconds])).toEqual([
    ["get", 1],
    ["put", 2],
  ]);
});

it("keeps no results of another machine beside new ones", () => {
  const elsewhere: RunRecord = { ...recordOf(["get", 1]), machine: { ...machine, cores: 64 } };
  expect(mergeRecords(elsewhere, recordOf(["put", 2]), ["get", "put"]).results).toHaveLength(1);
});

it("takes percentiles by nearest rank", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([50, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([50.5, 99, 100]);
  expect(percentileOfSorted(Float64Array.from(hundred).sort(), 99.9)).toBe(100);
});

it("never takes a scenario without samples for a measured one", () => {
  expect(() => percentile([], 50)).toThrow(TypeError);
});

function recordOf(...scenarios: readonly (readonly [name: string, seconds: number])[]): RunRecord {
  const results = scenarios.map(([scenario, seconds]) => ({
    scenario,
    title: scenario,
    seconds,
    rows: [],
    series: [],
  }));
  return { machine, date: "2026-11-21", effort: "full", results };
}
