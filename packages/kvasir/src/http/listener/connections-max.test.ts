import { expect, it } from "vitest";
import { connectionsMax } from "./connections-max.js";

it.each([
  ["Limit     Soft Limit  Hard Limit  Units\nMax open files            1024    4096   files\n", 512],
  ["Max open files            1048576              1048576              files\n", 10_000],
  ["Max open files            unlimited            unlimited            files\n", 10_000],
  [undefined, 10_000],
])("connections take half of the files that may be open: %j", (limits, expected) => {
  expect(connectionsMax(limits ?? "")).toBe(expected);
});
