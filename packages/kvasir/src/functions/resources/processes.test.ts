import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { LinuxProcesses } from "./linux-processes.js";
import { cpuTimeMs, PsProcesses } from "./ps-processes.js";

const MIB = 1_048_576;
const onLinux = it.runIf(process.platform === "linux");

it.each([
  ["0:00.01", 10],
  ["1:02.50", 62_500],
  ["01:00:00", 3_600_000],
  ["2-00:00:01", 172_801_000],
])("ps writes %s for %i ms", (text, ms) => {
  expect(cpuTimeMs(text)).toBe(ms);
});

onLinux("both readers measure the same of a process", async () => {
  const linux = new LinuxProcesses();
  const ps = new PsProcesses();
  const [first, second] = [await linux.memoryBytes(process.pid), await ps.memoryBytes(process.pid)];
  expect(first).toBeGreaterThan(10 * MIB);
  // `ps` itself is briefly a child of this process.
  expect(Math.abs((first as number) - (second as number))).toBeLessThan(100 * MIB);
  const activity = await linux.activity(process.pid);
  expect(activity?.cpuMs).toBeGreaterThanOrEqual(0);
  expect(activity?.waitedMs.get(process.pid)).toBeGreaterThanOrEqual(0);
  expect((await ps.activity(process.pid))?.cpuMs).toBeGreaterThanOrEqual(0);
});

onLinux("the memory of what a process has started counts as its own", async () => {
  const child = spawn(
    "/bin/sh",
    [
      "-c",
      `"$0" -e 'const kept = Buffer.alloc(${100 * MIB}, 1); console.log(1); setInterval(() => kept, 1e6)'; true`,
      process.execPath,
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    },
  );
  onTestFinished(() => void process.kill(-(child.pid as number), "SIGKILL"));
  await once(child.stdout, "data");
  expect(await new LinuxProcesses().memoryBytes(child.pid as number)).toBeGreaterThan(100 * MIB);
});

onLinux("a stopped process is held, and one that is gone is not measured", async () => {
  const child = spawn("sleep", ["1000"]);
  await once(child, "spawn");
  const reader = new LinuxProcesses();
  expect((await reader.activity(child.pid as number))?.held).toBe(false);
  child.kill("SIGSTOP");
  await expect.poll(async () => (await reader.activity(child.pid as number))?.held).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await reader.activity(child.pid as number)).toBeUndefined();
  expect(await reader.memoryBytes(child.pid as number)).toBeUndefined();
});
