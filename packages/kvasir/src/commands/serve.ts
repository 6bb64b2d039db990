import cluster from "node:cluster";
import { resolve } from "node:path";
import { shownLocator } from "@kvasir/store/locator";
import { Command, InvalidArgumentError } from "commander";
import type { EventSink } from "../events/events.js";
import { Failure } from "../failure/failure.js";
import { isLoopback } from "../http/loopback.js";
import { configFileOf } from "../server/config-file.js";
import {
  CLUSTER_BACKUPS,
  type DataPlace,
  dataPlaceOfPaths,
  makeDataDirectory,
} from "../server/data-directory.js";
import { BACKUP_EVERY_MS, RING_KEEP, WORKERS_MAX } from "../server/limits.js";
import type { ServeSettings } from "../server/messages.js";
import type { ScheduledBackups } from "../server/scheduled-backups.js";
import { closeInTime, startClosable } from "../server/shutdown.js";
import { type ServerOptions, startServer } from "../server/start-server.js";
import type { SupervisedServer, SupervisorOptions } from "../server/supervise.js";
import { createReporter } from "../terminal/reporter.js";
import { parseEvery, parseKeep } from "./backup/ring-options.js";
import { takeApiToken, tokenFileOption } from "./options/api-token.js";
import { checkNotAnySite } from "./options/cors-origin.js";
import { withExamples } from "./options/options.js";
import { type RunOptions, reportReady, serverOptionsOf, withRunOptions } from "./options/run-options.js";
import { pathsOf, refusing } from "./options/wrangler-flags.js";

interface ServeOptions extends RunOptions {
  readonly workers: number;
  readonly auth: boolean;
  readonly tokenFile?: string;
  readonly logRequests?: boolean;
  /** A ring of backups. */
  readonly backup?: string;
  /** In milliseconds. */
  readonly every?: number;
  readonly keep?: number;
}

export function createCommand(): Command {
  const command = new Command("serve")
    .description(
      "Run functions and the API for production: no watching, tokens required.\n\n" +
        "Paths are as for `kvasir dev`. Without one, and without a config in this folder, the API runs alone.\n" +
        "Make a token first (`kvasir token create`), or set KVASIR_TOKEN to a secret of your own, or name a\n" +
        "file that holds one with --token-file, which then is a token with the scope admin.",
    )
    .argument("[paths...]", "what to run (default: this folder, if it has a config)");
  withRunOptions(command, "where both listen; 0.0.0.0 for every address")
    .option("--workers <number>", "processes that answer, on one data directory", parseWorkers, 1)
    .addOption(tokenFileOption("a file that holds an admin token, as KVASIR_TOKEN may"))
    .option("--no-auth", "ask for no token; only on a loopback --host")
    .option("--backup <ring>", "make backups into this folder while it runs, and check each")
    .option("--every <time>", "with --backup: how often, such as 30s, 5m, 1h or 1d (default: 5m)", parseEvery)
    .option("--keep <number>", "with --backup: backups that the folder keeps (default: 48)", parseKeep)
    .option("--log-requests", "print a line for each request, to the API and to functions")
    .action(serve);
  refusing(command, ONLY_IN_DEV);
  return withExamples(command, [
    "kvasir token create --scope admin --data /var/lib/kvasir",
    "kvasir serve --data /var/lib/kvasir --host 0.0.0.0 --workers 4",
    "KVASIR_TOKEN=$(openssl rand -hex 32) kvasir serve worker/",
    "kvasir serve --data /var/lib/kvasir --backup /var/backups/kvasir --every 5m --keep 48",
  ]);
}

const HTTP_ONLY = "it listens on http; put a server such as Caddy in front for https";
const NO_DEBUGGING = "debuggers attach to `kvasir dev`";

/** Flags of `dev` that have no meaning in production. */
const ONLY_IN_DEV: Readonly<Record<string, string>> = {
  "local-protocol": HTTP_ONLY,
  "https-key-path": HTTP_ONLY,
  "https-cert-path": HTTP_ONLY,
  "live-reload": "no file is watched; use `kvasir dev`",
  "inspector-port": NO_DEBUGGING,
  "inspector-ip": NO_DEBUGGING,
  "test-scheduled": "cron triggers run by the clock; use `kvasir dev`",
};

async function serve(named: readonly string[], options: ServeOptions): Promise<void> {
  const onEvent = createReporter({ json: options.json === true });
  if (cluster.isWorker) {
    const { runAsWorker } = await import("../server/worker-process.js");
    return await runAsWorker(({ runsFunctions, settings, adminToken, worker }, others) =>
      startServer({
        ...serverOptions({ settings, adminToken, namedPaths: named, options, onEvent }),
        ...(runsFunctions ? {} : { paths: [] }),
        worker,
        otherEndpoints: others.endpoints,
        otherMetrics: others.metrics,
        servesFunctions: !runsFunctions && settings.paths.length > 0,
      }),
    );
  }
  const given = pathsOf(named, options);
  const runsHere = options.assets !== undefined || configFileOf({}) !== undefined;
  const paths = given.length > 0 || !runsHere ? given : ["."];
  const notify = (message: string) => onEvent({ event: "log", level: "warn", message });
  const { assets } = options;
  const data = dataPlaceOfPaths({ flags: options, paths, assets, notify });
  const settings = { paths, data, apiPort: options.apiPort };
  const adminToken = takeApiToken(options);
  let backups: ScheduledBackups | undefined;
  const server = await startClosable(async (signal) => {
    backups = await openBackups(options, data, onEvent);
    // First, because the search for tokens would print its notices on the terminal instead of reporting events.
    makeDataDirectory(data.directory, notify);
    if (options.auth) await checkThatThereIsAToken(data, adminToken);
    else checkOpenServer(options);
    const started = await start(
      { ...serverOptions({ settings, adminToken, namedPaths: named, options, onEvent }), signal },
      { settings, workers: options.workers, adminToken, host: options.host, port: options.port },
    );
    // The server that is closed by a signal stops its backups too.
    return { ...started, close: async () => void (await Promise.all([backups?.stop(), started.close()])) };
  });
  reportReady(server, onEvent);
  backups?.start();
}

/** They are made by this process and not by its workers, so there is one schedule. */
async function openBackups(
  { backup, every, keep }: ServeOptions,
  { locator, directory }: DataPlace,
  onEvent: EventSink,
): Promise<ScheduledBackups | undefined> {
  if (backup === undefined) {
    if (every === undefined && keep === undefined) return undefined;
    throw new Failure("--every and --keep are about backups.", {
      hint: "Give --backup with the folder for them.",
    });
  }
  if (locator !== directory) {
    throw new Failure("--backup copies a data directory, and these data are in a cluster.", {
      hint: `Leave --backup out. ${CLUSTER_BACKUPS}`,
    });
  }
  const [{ openRing }, { ScheduledBackups }] = await Promise.all([
    import("@kvasir/store"),
    import("../server/scheduled-backups.js"),
  ]);
  const ring = resolve(backup);
  openRing(ring);
  return new ScheduledBackups({
    ring,
    data: directory,
    everyMs: every ?? BACKUP_EVERY_MS,
    keep: keep ?? RING_KEEP,
    onEvent,
  });
}

async function start(
  options: ServerOptions,
  supervised: Pick<SupervisorOptions, "settings" | "workers" | "adminToken" | "host" | "port">,
): Promise<SupervisedServer> {
  if (supervised.workers === 1) return await startServer(options);
  const { supervise } = await import("../server/supervise.js");
  const { onEvent } = options;
  const server = supervise({
    ...supervised,
    onEvent,
    onHopeless: ({ message, hint }) => {
      onEvent({ event: "error", message: `${message} ${hint}` });
      void closeInTime(async () => (await server).close()).finally(() => process.exit(1));
    },
  });
  return await server;
}

function serverOptions(input: {
  readonly settings: ServeSettings;
  readonly adminToken: string | undefined;
  /** The paths of the command line. */
  readonly namedPaths: readonly string[];
  readonly options: ServeOptions;
  readonly onEvent: EventSink;
}): ServerOptions {
  const { options, settings, adminToken, namedPaths, onEvent } = input;
  const { paths, data, apiPort, functionsSocket } = settings;
  return {
    mode: "serve",
    paths,
    ...serverOptionsOf(namedPaths, options),
    functionsSocket,
    functionProcesses: options.workers,
    apiHost: options.host,
    apiPort,
    data,
    auth: options.auth
      ? { mode: "tokens", ...(adminToken === undefined ? {} : { adminToken }) }
      : { mode: "none" },
    logRequests: options.logRequests === true,
    backupRing: options.backup === undefined ? undefined : resolve(options.backup),
    onEvent,
  };
}

async function checkThatThereIsAToken({ locator }: DataPlace, adminToken: string | undefined): Promise<void> {
  if (adminToken !== undefined) return;
  const { withData } = await import("./data/open-data.js");
  const tokens = await withData({ data: locator, local: true }, "writes", ({ admin }) => admin.tokens.list());
  if (tokens.length > 0) return;
  const data = shownLocator(locator);
  throw new Failure(`${data} has no API token, and a server needs one.`, {
    hint: `Make one with \`kvasir token create --scope admin --data ${data}\`, or set KVASIR_TOKEN, or --token-file, to a secret of your own.`,
  });
}

function checkOpenServer({ host, cors }: ServeOptions): void {
  checkNotAnySite(cors);
  if (isLoopback(host)) return;
  throw new Failure(`--no-auth would open the data to everyone who reaches ${host}.`, {
    hint: "Leave --no-auth out and make a token with `kvasir token create`, or use --host 127.0.0.1.",
  });
}

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers < 1 || workers > WORKERS_MAX) {
    throw new InvalidArgumentError(`It must be a number from 1 to ${WORKERS_MAX}.`);
  }
  return workers;
}
