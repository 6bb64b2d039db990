import { Command, Option } from "commander";
import { Failure } from "../failure/failure.js";
import { isLoopback } from "../http/loopback.js";
import { dataDirectoryOfPaths } from "../server/data-directory.js";
import { closeOnSignal } from "../server/shutdown.js";
import { startServer } from "../server/start-server.js";
import { createReporter } from "../terminal/reporter.js";
import { takeApiToken } from "./options/api-token.js";
import { parseWholeNumber, withExamples } from "./options/options.js";
import {
  LOOPBACK,
  type RunOptions,
  reportReady,
  serverOptionsOf,
  withRunOptions,
} from "./options/run-options.js";

interface DevOptions extends RunOptions {
  readonly clock: "real" | "fake";
  readonly consistency: "strong" | "edge";
  readonly seed?: number;
  readonly testScheduled?: boolean;
}

export function createCommand(): Command {
  const command = new Command("dev")
    .description(
      "Run functions on this machine, reloading them on save, with the API beside them.\n\n" +
        "A path is a folder with a wrangler.jsonc, .json or .toml, or one Worker file; without one it is this\n" +
        "folder. One function alone answers at /, several answer under /<name>/. Namespaces that a config names\n" +
        "are created on first use. The API needs no token and answers only this machine.",
    )
    .argument("[paths...]", "what to run (default: this folder)");
  withRunOptions(command, "where the functions listen; the API stays on this machine")
    .addOption(
      new Option("--clock <kind>", "for tests: fake is moved by POST /kvasir/clock alone")
        .choices(["real", "fake"])
        .default("real"),
    )
    .addOption(
      new Option("--consistency <kind>", "for tests: edge makes reads and lists up to a minute old")
        .choices(["strong", "edge"])
        .default("strong"),
    )
    .option(
      "--seed <number>",
      "how old which answer is under --consistency edge (default: 1)",
      parseWholeNumber,
    )
    .option("--test-scheduled", "GET /__scheduled?cron=… runs the scheduled() handler")
    .action(dev);
  return withExamples(command, [
    "kvasir dev",
    "kvasir dev examples/showcase --port 3000",
    "kvasir dev shop admin/worker.ts     # answers under /shop/ and /worker/",
  ]);
}

async function dev(paths: readonly string[], options: DevOptions): Promise<void> {
  // The API of `dev` needs no token. Taking it keeps it out of the environment of functions.
  takeApiToken();
  if (options.seed !== undefined && options.consistency !== "edge") {
    throw new Failure("--seed decides nothing here.", { hint: "Use it with --consistency edge." });
  }
  const json = options.json === true;
  const onEvent = createReporter({ json });
  const named = paths.length === 0 ? ["."] : paths;
  const starting = startServer({
    mode: "dev",
    paths: named,
    ...serverOptionsOf(options),
    functionProcesses: 1,
    // Other machines must not reach an API that asks for no token.
    apiHost: isLoopback(options.host) ? options.host : LOOPBACK,
    apiPort: options.apiPort,
    data: dataDirectoryOfPaths(options.data, named),
    auth: { mode: "dev" },
    logRequests: true,
    testScheduled: options.testScheduled === true,
    fakeClock: options.clock === "fake",
    consistency: options.consistency,
    seed: options.seed,
    onEvent,
  });
  closeOnSignal(async () => (await starting).close());
  reportReady(await starting, onEvent);
}
