import { describeFailure } from "../failure.js";
import type { PrimaryMessage, WorkerMessage } from "./messages.js";
import { closeInTime } from "./shutdown.js";
import type { RunningServer } from "./start-server.js";

/**
 * The life of one worker of `serve`. It ends when the process that started it says so or is gone, and not by
 * the signals that a terminal or systemd send to all processes of a service: those are the other one's to act
 * on, who then lets the workers finish.
 */
export function runAsWorker(
  start: (order: Extract<PrimaryMessage, { type: "start" }>) => Promise<RunningServer>,
): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  let server: Promise<RunningServer> | undefined;
  process.on("message", (message: PrimaryMessage) => {
    if (message.type === "start") {
      server = start(message);
      server.then(
        ({ api, functions }) =>
          tell({ type: "ready", api, ...(functions === undefined ? {} : { functions }) }),
        (error: unknown) =>
          tell({ type: "failed", ...describeFailure(error) }).finally(() => process.exit(1)),
      );
    } else {
      void closeInTime(async () => await (await server)?.close()).finally(() => process.exit(0));
    }
  });
  void tell({ type: "listening" });
  return new Promise(() => {});
}

function tell(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, {}, () => resolve());
  });
}
