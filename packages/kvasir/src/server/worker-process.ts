import type { AskOthers, MetricsSnapshot, OtherMetrics } from "../api/metrics/metrics.js";
import { describeFailure } from "../failure/failure.js";
import type { FunctionsEndpoint } from "../wire/functions-wire.js";
import type { PrimaryMessage, WorkerMessage } from "./messages.js";
import { closeInTime } from "./shutdown.js";
import type { RunningServer } from "./start-server.js";

/**
 * Runs one worker of `serve`. It ends when the process that started it says so or has ended. It ignores the
 * signals that a terminal or systemd send to all processes of a service. The starting process acts on those
 * and lets the workers finish.
 */
export function runAsWorker(
  start: (
    order: Extract<PrimaryMessage, { type: "start" }>,
    others: {
      readonly endpoints: Promise<readonly FunctionsEndpoint[]>;
      readonly metrics: AskOthers;
    },
  ) => Promise<RunningServer>,
): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  let server: Promise<RunningServer> | undefined;
  let tellEndpoints: ((endpoints: readonly FunctionsEndpoint[]) => void) | undefined;
  const firstEndpoints = new Promise<readonly FunctionsEndpoint[]>((resolve) => {
    tellEndpoints = resolve;
  });
  const others = new OthersMetrics();
  process.on("message", (message: PrimaryMessage) => {
    switch (message.type) {
      case "start":
        server = start(message, { endpoints: firstEndpoints, metrics: (own) => others.metrics(own) });
        server.then(
          ({ api, functions, endpoint }) => tell({ type: "ready", api, functions, endpoint }),
          (error: unknown) =>
            tell({ type: "failed", ...describeFailure(error) }).finally(() => process.exit(1)),
        );
        break;
      case "endpoints":
        if (tellEndpoints === undefined) void useOtherEndpoints(server, message.endpoints);
        else tellEndpoints(message.endpoints);
        tellEndpoints = undefined;
        break;
      case "functionsRun":
        void server?.then((running) => running.ready()).catch(() => {});
        break;
      case "reportMetrics":
        void reportMetrics(server, message.id);
        break;
      case "otherMetrics":
        others.answered(message.id, message);
        break;
      case "closePort":
        void server?.then((running) => running.closePort()).catch(() => {});
        break;
      case "stop":
        // It may still be waiting for other workers, which will not start now.
        tellEndpoints?.([]);
        void closeInTime(async () => await (await server)?.close()).finally(() => process.exit(0));
    }
  });
  void tell({ type: "listening" });
  return new Promise(() => {});
}

/**
 * Ignores errors: the functions report their own, and a failed start of the server has already been reported.
 */
async function useOtherEndpoints(
  server: Promise<RunningServer> | undefined,
  endpoints: readonly FunctionsEndpoint[],
): Promise<void> {
  const running = await server?.catch(() => undefined);
  await running?.useOtherEndpoints(endpoints);
}

/** A worker that has not started yet does not report, and the receiver continues without it. */
async function reportMetrics(server: Promise<RunningServer> | undefined, id: number): Promise<void> {
  const running = await server?.catch(() => undefined);
  const snapshot = await running?.metrics();
  if (snapshot !== undefined) await tell({ type: "metrics", id, snapshot });
}

/**
 * Asks the process that started this one. That process responds in bounded time, or has ended, and then this
 * one ends too.
 */
class OthersMetrics {
  readonly #waiting = new Map<number, (metrics: OtherMetrics) => void>();
  #lastId = 0;

  metrics(own: MetricsSnapshot): Promise<OtherMetrics> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      void tell({ type: "askMetrics", id, snapshot: own });
    });
  }

  answered(id: number, { snapshots, past, missing, supervisorExceptions }: OtherMetrics): void {
    this.#waiting.get(id)?.({ snapshots, past, missing, supervisorExceptions });
    this.#waiting.delete(id);
  }
}

function tell(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, {}, () => resolve());
  });
}
