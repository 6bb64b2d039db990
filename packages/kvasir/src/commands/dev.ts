import { Command, Option } from "commander";
import { Failure } from "../failure/failure.js";
import { isLoopback } from "../http/loopback.js";
import { dataPlaceOfPaths } from "../server/data-directory.js";
import { startClosable } from "../server/shutdown.js";
import { type ServerOptions, startServer } from "../server/start-server.js";
import { aboveLevel, LOG_LEVELS, type LogLevel } from "../terminal/log-level.js";
import { createReporter } from "../terminal/reporter.js";
import { isInteractive, startHotkeys } from "./dev-hotkeys.js";
import { takeApiToken } from "./options/api-token.js";
import { checkNotAnySite } from "./options/cors-origin.js";
import { type HttpsFlags, httpsOptionsOf, withHttpsFlags } from "./options/https-flags.js";
import { parseWholeNumber, withExamples } from "./options/options.js";
import {
  LOOPBACK,
  parsePort,
  type RunOptions,
  reportReady,
  serverOptionsOf,
  withRunOptions,
} from "./options/run-options.js";
import { pathsOf } from "./options/wrangler-flags.js";

interface DevOptions extends RunOptions, HttpsFlags {
  readonly clock: "real" | "fake";
  readonly consistency: "strong" | "edge";
  readonly seed?: number;
  readonly testScheduled?: boolean;
  readonly liveReload?: boolean;
  readonly inspectorPort?: number;
  readonly inspectorIp?: string;
  readonly logLevel: LogLevel;
  readonly showInteractiveDevSession?: boolean;
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
  withHttpsFlags(withRunOptions(command, "where the functions listen; the API stays on this machine"))
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
    .option(
      "--inspector-port <number>",
      "where debuggers attach; 0 picks a free port (default: they cannot)",
      parsePort,
    )
    .option("--live-reload", "reload HTML pages in the browser after an edit")
    .option("--inspector-ip <address>", "the address for debuggers (default: 127.0.0.1)")
    .option("--test-scheduled", "run the scheduled handler at /__scheduled?cron=…")
    .addOption(
      new Option("--log-level <level>", "the least important messages to print")
        .choices(LOG_LEVELS)
        .default("debug"),
    )
    .option("--show-interactive-dev-session", "act on keys (default: in a terminal)")
    .addOption(new Option("--no-show-interactive-dev-session").default(undefined).hideHelp())
    .action(dev);
  return withExamples(command, [
    "kvasir dev",
    "kvasir dev examples/showcase --port 3000",
    "kvasir dev shop admin/worker.ts     # answers under /shop/ and /worker/",
  ]);
}

async function dev(given: readonly string[], options: DevOptions, command: Command): Promise<void> {
  // The API of `dev` needs no token. Taking it keeps it out of the environment of functions.
  takeApiToken();
  checkNotAnySite(options.cors);
  if (options.seed !== undefined && options.consistency !== "edge") {
    throw new Failure("--seed decides nothing here.", { hint: "Use it with --consistency edge." });
  }
  const json = options.json === true;
  const onEvent = aboveLevel(options.logLevel, createReporter({ json }));
  const notify = (message: string) => onEvent({ event: "log", level: "warn", message });
  const paths = pathsOf(given, options);
  const named = paths.length === 0 ? ["."] : paths;
  // The config's `dev` keys replace flags that are not given.
  const isGiven = (flag: string) => command.getOptionValueSource(flag) !== "default";
  const serverOptions: ServerOptions = {
    mode: "dev",
    paths: named,
    ...serverOptionsOf(given, options),
    host: isGiven("host") ? options.host : undefined,
    port: isGiven("port") ? options.port : undefined,
    testScheduled: options.testScheduled,
    liveReload: options.liveReload,
    inspectorPort: options.inspectorPort,
    inspectorHost: options.inspectorIp,
    ...httpsOptionsOf(options),
    functionProcesses: 1,
    // Other machines must not reach an API that asks for no token.
    apiHost: isLoopback(options.host) ? options.host : LOOPBACK,
    apiPort: options.apiPort,
    data: dataPlaceOfPaths({ flags: options, paths: named, assets: options.assets, notify }),
    auth: { mode: "dev" },
    logRequests: true,
    fakeClock: options.clock === "fake",
    consistency: options.consistency,
    seed: options.seed,
    onEvent,
  };
  const server = await startClosable((signal) => startServer({ ...serverOptions, signal }));
  reportReady(server, onEvent);
  if (json || !(options.showInteractiveDevSession ?? isInteractive()) || !process.stdin.isTTY) return;
  startHotkeys(server);
}
