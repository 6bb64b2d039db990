import type { NamespaceUsage } from "@kvasir/store";
import { expect, it } from "vitest";
import { NAMESPACES_MEASURED_MAX } from "../../measures/limits.js";
import { USAGE_REST_FACTOR } from "./limits.js";
import { largest } from "./namespace-metrics.js";
import { UsageFigures } from "./usage-figures.js";

/** A store that takes 10 ms to count. */
function countedStore() {
  const state = { nowMs: 0, position: "1", counts: 0 };
  const usage = async () => {
    state.nowMs += 10;
    return [{ namespace: "a", entries: ++state.counts, bytes: 0 }];
  };
  const store = { maintenance: { usage }, changes: { position: () => state.position } };
  return { state, figures: new UsageFigures(store as never, () => state.nowMs) };
}

it("counts again only after a change and a rest in proportion to the last count", async () => {
  const { state, figures } = countedStore();
  const entries = async () => (await figures.current())[0]?.entries;
  expect(await entries()).toBe(1);
  state.position = "2";
  state.nowMs += 10 * USAGE_REST_FACTOR - 1;
  expect(await entries()).toBe(1);
  state.nowMs += 1;
  expect(await entries()).toBe(2);
  state.nowMs += 1_000_000;
  expect(await entries()).toBe(2);
});

it("counts once for all who ask meanwhile", async () => {
  const { state, figures } = countedStore();
  await Promise.all([figures.current(), figures.current(), figures.current()]);
  expect(state.counts).toBe(1);
});

it("shows the largest namespaces, and the sum of the others", () => {
  const usage = Array.from({ length: NAMESPACES_MEASURED_MAX + 2 }, (_, at): NamespaceUsage => {
    return { namespace: `n${at}`, entries: 1, bytes: at };
  });
  const shown = largest(usage);
  expect(shown).toHaveLength(NAMESPACES_MEASURED_MAX + 1);
  expect(shown[0]?.namespace).toBe(`n${NAMESPACES_MEASURED_MAX + 1}`);
  expect(shown.at(-1)).toEqual({ namespace: "other", entries: 2, bytes: 0 + 1 });
});
