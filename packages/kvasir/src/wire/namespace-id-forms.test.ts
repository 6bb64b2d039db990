import { expect, it } from "vitest";
import { possibleIds, shownId } from "./namespace-id-forms.js";

const HEX = "182bd5e56e1a4fe4a799aa6d9a6ab26e";
const UUID = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e";

it("shows a generated id as a UUID, and any other as it is", () => {
  expect(shownId(HEX)).toBe(UUID);
  for (const id of [UUID, "MY_KV", "kv-abc123", HEX.toUpperCase(), HEX.slice(1)])
    expect(shownId(id)).toBe(id);
});

it("finds a namespace by what is shown of it", () => {
  for (const id of [HEX, UUID, "MY_KV"]) expect(possibleIds(shownId(id))).toContain(id);
});

it.each([
  [UUID, [HEX, UUID]],
  [HEX, [HEX, UUID]],
  [UUID.toUpperCase(), [HEX, UUID, UUID.toUpperCase()]],
  ["MY_KV", ["MY_KV"]],
  [HEX.slice(1), [HEX.slice(1)]],
  [UUID.replace("-", ""), [UUID.replace("-", "")]],
  ["", []],
  ["a b", []],
  ["x".repeat(65), []],
])("looks for %s as %j", (text, ids) => {
  expect(possibleIds(text)).toEqual(ids);
});
