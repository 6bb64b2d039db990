import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { namespaceMethods } from "@kvasir/client/namespace";
import { expect, it } from "vitest";
import { contract } from "./contract.js";

const FILE = fileURLToPath(new URL("../vectors/contract.json", import.meta.url));

it("the table that the clients of other languages are compared with is the contract", () => {
  // KVASIR_UPDATE=1 writes it. `npm run format` follows.
  if (process.env["KVASIR_UPDATE"]) writeFileSync(FILE, JSON.stringify(contract()));
  expect(JSON.parse(readFileSync(FILE, "utf8"))).toEqual(contract());
});

it("the contract has every method of a namespace", () => {
  const { operations } = contract() as { operations: object };
  const methods = namespaceMethods().filter((name) => /^\w+$/.test(name));
  expect(Object.keys(operations).sort()).toEqual(methods.sort());
});
