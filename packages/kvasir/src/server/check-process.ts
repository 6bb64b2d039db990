import { fork } from "node:child_process";
import { once } from "node:events";
import { isKvErrorCode, KvError } from "@kvasir/client/namespace";
import type { CheckReport } from "@kvasir/store";
import { describeFailure, type FailureText } from "../failure/failure.js";

export type CheckOutcome =
  | { readonly type: "checked"; readonly report: CheckReport }
  /** The directory could not be checked. */
  | { readonly type: "failed"; readonly failure: FailureText };

/** Marks the child process that {@link checkInChild} starts. */
export const CHILD_FLAG = "--in-this-process";

/**
 * Checks a data directory in a child process, because reading a damaged file may end the process that reads
 * it.
 */
export async function checkInChild(directory: string, signal?: AbortSignal): Promise<CheckOutcome> {
  const child = fork(process.argv[1] ?? "", ["check", "--data", directory, CHILD_FLAG], {
    // LMDB's binding prints on stderr what it could not read.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const end = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", end, { once: true });
  let outcome: CheckOutcome | undefined;
  child.on("message", (message: CheckOutcome) => {
    outcome = message;
  });
  const [code, endedBy] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  signal?.removeEventListener("abort", end);
  signal?.throwIfAborted();
  if (outcome !== undefined) return outcome;
  const { unreadableReport } = await import("@kvasir/store");
  const message = `The data file is so damaged that reading it ended the process (${endedBy ?? `code ${code}`}).`;
  return { type: "checked", report: unreadableReport([message]) };
}

/**
 * The same for those who need a report.
 *
 * @throws KvError why the directory could not be checked
 */
export async function checkData(directory: string, signal?: AbortSignal): Promise<CheckReport> {
  const outcome = await checkInChild(directory, signal);
  if (outcome.type === "checked") return outcome.report;
  const { code, message, hint } = outcome.failure;
  throw new KvError(isKvErrorCode(code) ? code : "internal", message, { hint });
}

/** Runs in the child: checks the directory and sends the outcome to the parent. */
export async function checkForParent(directory: string): Promise<void> {
  const outcome = await checkHere(directory);
  await new Promise((resolve) => process.send?.(outcome, resolve));
  process.disconnect?.();
}

async function checkHere(directory: string): Promise<CheckOutcome> {
  const { checkDataDirectory, unreadableReport } = await import("@kvasir/store");
  try {
    return { type: "checked", report: await checkDataDirectory(directory) };
  } catch (error) {
    const damaged = error instanceof KvError && error.code === "storage_corrupt";
    if (damaged) return { type: "checked", report: unreadableReport([error.message]) };
    return { type: "failed", failure: describeFailure(error) };
  }
}
