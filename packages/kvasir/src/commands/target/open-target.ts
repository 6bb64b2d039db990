import { existsSync } from "node:fs";
import { Failure } from "../../failure/failure.js";
import { dataDirectory, makeDataDirectory } from "../../server/data-directory.js";
import { noteLine } from "../../terminal/output.js";
import { takeApiToken } from "../api-token.js";
import type { TargetOptions } from "../options.js";
import type { Target } from "./target.js";

/**
 * What a command works on: a running server when `--url` or `KVASIR_URL` names one, otherwise the local data
 * directory. Only what writes makes a directory that is not there yet.
 */
export async function openTarget(options: TargetOptions, does: "reads" | "writes"): Promise<Target> {
  const url = options.local === true ? undefined : options.url;
  if (url !== undefined && url !== "") {
    const { RemoteTarget } = await import("./remote-target.js");
    return new RemoteTarget({ url, token: takeApiToken(options) });
  }
  if (options.remote === true) {
    throw new Failure("--remote needs the address of a server.", { hint: "Give --url or set KVASIR_URL." });
  }
  const directory = dataDirectory(options);
  if (does === "reads" && !existsSync(directory)) {
    throw new Failure(`There is no data in ${directory}.`, {
      hint: "Run `kvasir dev` first, choose another folder with --data, or a running server with --url.",
    });
  }
  makeDataDirectory(directory, (notice) => void noteLine(notice));
  const { LocalTarget } = await import("./local-target.js");
  return await LocalTarget.open(directory);
}

/** Opens, works, closes; also when the work fails. */
export async function withTarget<T>(
  options: TargetOptions,
  does: "reads" | "writes",
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const target = await openTarget(options, does);
  try {
    return await work(target);
  } finally {
    await target.close();
  }
}
