import { Failure } from "../../failure/failure.js";

/** Aborted by the first SIGTERM or SIGINT, so that a command can remove what is not finished. */
export interface StopSignals {
  readonly signal: AbortSignal;
  /** Lets the signals end the process again. */
  release(): void;
}

const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

export function catchStopSignals(): StopSignals {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    const number = NUMBERS[name as keyof typeof NUMBERS];
    // The second signal does not wait.
    if (controller.signal.aborted) process.exit(128 + number);
    controller.abort(new Failure("Stopped. Nothing unfinished is left behind.", { exitCode: 128 + number }));
  };
  for (const name of Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]) process.on(name, stop);
  return {
    signal: controller.signal,
    release() {
      for (const name of Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]) process.off(name, stop);
    },
  };
}
