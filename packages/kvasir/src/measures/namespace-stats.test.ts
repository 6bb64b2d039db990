import { expect, it } from "vitest";
import { NAMESPACES_MEASURED_MAX } from "./limits.js";
import { NamespaceStats } from "./namespace-stats.js";

function countsOf(stats: NamespaceStats): Record<string, number> {
  return Object.fromEntries(
    Array.from(stats.entries(), ({ namespace = "other", access, stats: { count } }) => [
      `${namespace} ${access}`,
      count,
    ]),
  );
}

it("gives the first namespaces a place of their own, for good, and counts the others together", () => {
  const stats = new NamespaceStats();
  for (let at = 0; at < NAMESPACES_MEASURED_MAX + 3; at++) stats.observe(`n${at}`, "read", 200, 0.001);
  stats.observe("n0", "write", 200, 0.001);
  const counts = countsOf(stats);
  expect(Object.keys(counts)).toHaveLength(NAMESPACES_MEASURED_MAX + 2);
  expect(counts).toMatchObject({ "n0 read": 1, "n0 write": 1, "other read": 3 });
});

it("gives no place to an id for which nothing has succeeded", () => {
  const stats = new NamespaceStats();
  stats.observe("unknown", "read", 404, 0.001);
  stats.observe("forbidden", "write", 403, 0.001);
  expect(countsOf(stats)).toEqual({ "other read": 1, "other write": 1 });
  stats.observe("known", "read", 200, 0.001);
  stats.observe("known", "read", 404, 0.001);
  expect(countsOf(stats)).toMatchObject({ "known read": 2 });
});
