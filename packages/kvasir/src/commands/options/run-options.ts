import { performance } from "node:perf_hooks";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { EventSink } from "../../events/events.js";
import { MEMORY_MIB_MAX, MEMORY_MIB_MIN } from "../../functions/resources/limits.js";
import { CACHE_MIB_MAX, REQUEST_TIMEOUT_SECONDS, REQUEST_TIMEOUT_SECONDS_MAX } from "../../server/limits.js";
import type { ServerOptions } from "../../server/start-server.js";
import type { Outbound } from "../../wire/functions-wire.js";
import { isEveryAddress, parseRange } from "../../wire/ip-address.js";
import { corsOption } from "./cors-origin.js";
import { dataOption, envOption, persistOption, withClusterOptions } from "./options.js";
import { overridesOf, type WranglerFlags, withWranglerFlags } from "./wrangler-flags.js";

/** The flags that `dev` and `serve` share. */
export interface RunOptions extends WranglerFlags {
  readonly port: number;
  readonly apiPort: number;
  readonly host: string;
  readonly data?: string;
  readonly persistTo?: string;
  readonly acks?: string;
  readonly reads?: string;
  readonly buckets?: string;
  readonly env?: string;
  readonly outbound: Outbound;
  readonly timeout: number;
  readonly memory?: number;
  readonly cors?: readonly string[];
  readonly cf?: string;
  readonly trustProxy?: readonly string[];
  readonly cacheSize?: number;
  readonly account?: string;
  readonly json?: boolean;
}

export const LOOPBACK = "127.0.0.1";

export function withRunOptions(command: Command, hostDescription: string): Command {
  return withClusterOptions(withWranglerFlags(command))
    .option("--port <number>", "port of the functions; 0 picks a free one", parsePort, 8787)
    .option("--api-port <number>", "port of the API; 0 picks a free one", parsePort, 8788)
    .option("--host <address>", hostDescription, LOOPBACK)
    .addOption(dataOption("data directory"))
    .addOption(persistOption())
    .addOption(envOption())
    .addOption(
      new Option(
        "--outbound <reach>",
        "what functions may fetch: all, or public (no address of this machine or its network)",
      )
        .choices(["all", "public"])
        .default("all"),
    )
    .addOption(
      new Option("--timeout <seconds>", "how long Express-style, Python and Go functions may take to answer")
        .argParser(parseTimeout)
        .default(REQUEST_TIMEOUT_SECONDS),
    )
    .addOption(
      new Option(
        "--memory <mb>",
        "how much memory each function process may have, in MB (default: a quarter of the machine's)",
      ).argParser(parseMemory),
    )
    .addOption(corsOption())
    .option("--cf <file>", "a JSON file with what request.cf shows (default: placeholders, as in wrangler)")
    .addOption(
      new Option(
        "--trust-proxy <addresses>",
        "proxies whose X-Forwarded-For names the client: loopback, addresses or ranges such as 10.0.0.0/8, " +
          "separated by commas (default: none)",
      ).argParser(parseProxies),
    )
    .addOption(
      new Option(
        "--cache-size <mb>",
        "how much the responses in Workers' caches (the Cache API) may take on disk, in MB (default: 512)",
      ).argParser(parseCacheSize),
    )
    .option("--account <id>", "the account id that the API shows (default: 32 zeros)")
    .option("--json", "print events as JSON lines");
}

/** The part of a server's options that these flags give. */
export function serverOptionsOf(
  paths: readonly string[],
  options: RunOptions,
): Pick<
  ServerOptions,
  | "env"
  | "overrides"
  | "firstGetsAll"
  | "host"
  | "port"
  | "outbound"
  | "requestTimeoutMs"
  | "memoryMib"
  | "cfFile"
  | "trustedProxies"
  | "cacheMib"
  | "cors"
  | "account"
> {
  return {
    env: options.env,
    overrides: overridesOf(paths, options),
    // As in wrangler. Paths have no such order.
    firstGetsAll: paths.length === 0,
    host: options.host,
    port: options.port,
    outbound: options.outbound,
    requestTimeoutMs: options.timeout * 1000,
    memoryMib: options.memory,
    cors: options.cors,
    cfFile: options.cf,
    trustedProxies: options.trustProxy,
    cacheMib: options.cacheSize,
    account: options.account,
  };
}

/** Reports where the server listens, and how long it took from the start of the process. */
export function reportReady(
  { api, functions }: { readonly api: string; readonly functions?: string | undefined },
  onEvent: EventSink,
): void {
  onEvent({
    event: "ready",
    ...(functions === undefined ? {} : { functions }),
    api,
    ms: Math.round(performance.now()),
  });
}

const LOOPBACK_RANGES = ["127.0.0.0/8", "::1"];

function parseProxies(text: string, before: readonly string[] = []): readonly string[] {
  const named = text.split(",").map((part) => part.trim());
  const ranges = named.flatMap((part) => (part === "loopback" ? LOOPBACK_RANGES : [part]));
  const wrong = ranges.find((range) => {
    const parsed = parseRange(range);
    return parsed === undefined || isEveryAddress(parsed);
  });
  if (wrong === undefined) return [...before, ...ranges];
  throw new InvalidArgumentError(
    `"${wrong}" is not loopback, an address or a range such as 10.0.0.0/8. Do not trust all addresses: a client could then say that it is another one.`,
  );
}

function parseMemory(text: string): number {
  const mib = Number(text);
  if (!/^\d+$/.test(text) || mib < MEMORY_MIB_MIN || mib > MEMORY_MIB_MAX) {
    throw new InvalidArgumentError(
      `It must be a whole number of MB from ${MEMORY_MIB_MIN} to ${MEMORY_MIB_MAX}.`,
    );
  }
  return mib;
}

function parseCacheSize(text: string): number {
  const mib = Number(text);
  if (!/^\d+$/.test(text) || mib < 1 || mib > CACHE_MIB_MAX) {
    throw new InvalidArgumentError(`It must be a whole number of MB from 1 to ${CACHE_MIB_MAX}.`);
  }
  return mib;
}

function parseTimeout(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0 || seconds > REQUEST_TIMEOUT_SECONDS_MAX) {
    throw new InvalidArgumentError(
      `It must be a number of seconds above 0 and up to ${REQUEST_TIMEOUT_SECONDS_MAX}.`,
    );
  }
  return seconds;
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError("It must be a port number from 0 (any free port) to 65535.");
  }
  return port;
}
