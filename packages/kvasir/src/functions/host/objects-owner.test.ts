import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ownObjects } from "./objects-owner.js";

it("a folder of objects belongs to one running Kvasir, and a crash gives it back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kvasir-owner-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)", "kvasir"], { stdio: "ignore" });
  await new Promise((resolve) => other.once("spawn", resolve));
  writeFileSync(join(folder, "owner"), String(other.pid));
  expect(() => ownObjects(folder)).toThrow(`are in use by the Kvasir with process id ${other.pid}.`);
  const ended = new Promise((resolve) => other.once("exit", resolve));
  other.kill("SIGKILL");
  await ended;
  const giveBack = ownObjects(folder);
  expect(readFileSync(join(folder, "owner"), "utf8")).toBe(String(process.pid));
  giveBack();
  expect(() => readFileSync(join(folder, "owner"))).toThrow("ENOENT");
});
