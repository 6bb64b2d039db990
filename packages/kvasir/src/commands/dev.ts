import { performance } from "node:perf_hooks";
import { Command, Option } from "commander";
import { Failure } from "../failure/failure.js";
import { isLoopback } from "../http/loopback.js";
import { dataDirectoryOfPaths } from "../server/data-directory.js";
import { closeOnSignal } from "../server/shutdown.js";
import { startServer } from "../server/start-server.js";
import { createReporter } from "../terminal/reporter.js";
import type { Outbound } from "../wire/functions-wire.js";
import { takeApiToken } from "./api-token.js";
import {
  memoryOption,
  outboundOption,
  parsePort,
  parseWholeNumber,
  timeoutOption,
  withExamples,
} from "./options.js";

interface DevOptions {
  readonly port: number;
  readonly apiPort: number;
  readonly host: string;
  readonly data?: string;
  readonly env?: string;
  readonly outbound: Outbound;
  readonly timeout: number;
  readonly memory?: number;
  readonly account?: string;
  readonly clock: "real" | "fake";
  readonly consistency: "strong" | "edge";
  readonly seed?: number;
  readonly json?: boolean;
}

const LOOPBACK = "127.0.0.1";

export function createCommand(): Command {
  const command = new Command("dev")
    .description(
      "Run functions on this machine, reloading them on save, with the API beside them.\n\n" +
        "A path is a folder with a wrangler.jsonc, .json or .toml, or one Worker file; without one it is this\n" +
        "folder. One function alone answers at /, several answer under /<name>/. Namespaces that a config names\n" +
        "are created on first use. The API needs no token and answers only this machine.",
    )
    .argument("[paths...]", "what to run (default: this folder)")
    .option("--port <number>", "port of the functions; 0 picks a free one", parsePort, 8787)
    .option("--api-port <number>", "port of the API; 0 picks a free one", parsePort, 8788)
    .option("--host <address>", "where the functions listen; the API stays on this machine", LOOPBACK)
    .option("--data <dir>", "data directory (default: .kvasir beside the config, else here)")
    .option("-e, --env <name>", "the environment of the config to use")
    .addOption(outboundOption())
    .addOption(timeoutOption())
    .addOption(memoryOption())
    .option("--account <id>", "the account id that the API shows (default: 32 zeros)")
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
    .option("--json", "print events as JSON lines")
    .action(dev);
  return withExamples(command, [
    "kvasir dev",
    "kvasir dev examples/showcase --port 3000",
    "kvasir dev shop admin/worker.ts     # answers under /shop/ and /worker/",
  ]);
}

async function dev(paths: readonly string[], options: DevOptions): Promise<void> {
  // Its API needs no token. What is in the environment is not for functions.
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
    env: options.env,
    host: options.host,
    port: options.port,
    functionProcesses: 1,
    // Its API asks for no token: other machines must not reach it.
    apiHost: isLoopback(options.host) ? options.host : LOOPBACK,
    apiPort: options.apiPort,
    data: dataDirectoryOfPaths(options.data, named),
    auth: { mode: "dev" },
    outbound: options.outbound,
    requestTimeoutMs: options.timeout * 1000,
    memoryMib: options.memory,
    account: options.account,
    logRequests: true,
    fakeClock: options.clock === "fake",
    consistency: options.consistency,
    seed: options.seed,
    onEvent,
  });
  closeOnSignal(async () => (await starting).close());
  const { api, functions } = await starting;
  onEvent({
    event: "ready",
    ...(functions === undefined ? {} : { functions }),
    api,
    ms: Math.round(performance.now()),
  });
}
