import type { ChildProcess } from "node:child_process";
import { onTestFinished } from "vitest";
import { type Ended, KvasirProcess, type LaunchOptions } from "./kvasir-process.js";
import { FIRST_BUILD_TIMEOUT_MS } from "./limits.js";

/** Runs a command to its end, or to the end of the test. */
export async function kvasir(args: readonly string[], options: LaunchOptions = {}): Promise<Ended> {
  const process = KvasirProcess.launch(args, options);
  // A test that times out must leave no process behind.
  onTestFinished(() => process.kill());
  return await process.ended;
}

/** The same for a command that must succeed. @returns its stdout */
export async function kvasirOk(args: readonly string[], options: LaunchOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await kvasir(args, options);
  if (code !== 0) throw new Error(`kvasir ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

/** Starts `dev` or `serve` and waits until it is ready. It is stopped at the end of the test. */
export async function startKvasir(
  args: readonly string[],
  options: LaunchOptions = {},
): Promise<KvasirProcess> {
  return await untilReady(KvasirProcess.launch(args, options));
}

/** The same for a child process that runs `dev` or `serve` in its own way. */
export async function watchUntilReady(child: ChildProcess): Promise<KvasirProcess> {
  return await untilReady(new KvasirProcess(child));
}

async function untilReady(process: KvasirProcess): Promise<KvasirProcess> {
  onTestFinished(async () => {
    await process.stop();
  });
  await process.ready({ msMax: FIRST_BUILD_TIMEOUT_MS });
  return process;
}
