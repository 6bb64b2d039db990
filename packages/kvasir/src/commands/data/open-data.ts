import { existsSync } from "node:fs";
import { Failure } from "../../failure/failure.js";
import { dataPlace, makeDataDirectory } from "../../server/data-directory.js";
import { noteLine } from "../../terminal/output.js";
import { takeApiToken } from "../options/api-token.js";
import type { DataOptions } from "../options/options.js";
import type { DataSource } from "./data-source.js";

/** Opens the data that the flags name, calls `work`, and closes the data, also when `work` fails. */
export async function withData<T>(
  options: DataOptions,
  does: "reads" | "writes",
  work: (data: DataSource) => Promise<T>,
): Promise<T> {
  const data = await openData(options, does);
  try {
    return await work(data);
  } finally {
    await data.close();
  }
}

/** Whether the flags name a data directory and not a server. */
export function isLocal({ local, url }: DataOptions): boolean {
  return local === true || url === undefined || url === "";
}

/**
 * A running server when `--url` or `KVASIR_URL` names one, otherwise the local data directory. A command that
 * only reads does not create the directory.
 */
async function openData(options: DataOptions, does: "reads" | "writes"): Promise<DataSource> {
  if (!isLocal(options)) {
    const { serverData } = await import("./server-data.js");
    return serverData({ url: options.url ?? "", token: takeApiToken(options) });
  }
  if (options.remote === true) {
    throw new Failure("--remote needs the address of a server.", { hint: "Give --url or set KVASIR_URL." });
  }
  const { locator, directory } = dataPlace(options);
  const { localData } = await import("./local-data.js");
  const notify = (notice: string) => void noteLine(notice);
  if (locator !== directory) return localData(locator, notify);
  if (does === "reads" && !existsSync(directory)) {
    throw new Failure(`There is no data in ${directory}.`, {
      hint: "Run `kvasir dev` first, choose another folder with --data, or a running server with --url.",
    });
  }
  makeDataDirectory(directory, notify);
  return localData(directory, notify);
}
