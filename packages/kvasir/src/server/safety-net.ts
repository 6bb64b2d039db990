import type { EventSink } from "../events/events.js";
import { outliveOutput } from "../terminal/output.js";

/** Ends the request that an exception belongs to, and counts and reports it. */
export interface ExceptionTaker {
  /** @returns whether the exception belongs to a request */
  takeException(thrown: unknown): boolean;
}

/** Exit code of a process that ends because it can no longer be trusted (`EX_SOFTWARE`). */
const UNTRUSTED_EXIT_CODE = 70;

/**
 * Handles exceptions that reach the process. The request that the exception belongs to ends, and the process
 * continues. The process ends in only two cases: its state can no longer be trusted, as {@link whyUntrusted}
 * decides, or the exception belongs to no request and the server is still starting. Something that the start
 * waits for might then never come.
 */
export class SafetyNet {
  readonly #taker: ExceptionTaker;
  readonly #onEvent: EventSink;
  #started = false;

  private constructor(taker: ExceptionTaker, onEvent: EventSink) {
    this.#taker = taker;
    this.#onEvent = onEvent;
  }

  static install(taker: ExceptionTaker, onEvent: EventSink): SafetyNet {
    const net = new SafetyNet(taker, onEvent);
    process.on("uncaughtException", net.#caught);
    process.on("unhandledRejection", net.#caught);
    return net;
  }

  /** Call it when the server has started. */
  started(): void {
    this.#started = true;
    // Reporting an exception of the output would only cause the next one.
    outliveOutput();
  }

  remove(): void {
    process.off("uncaughtException", this.#caught);
    process.off("unhandledRejection", this.#caught);
  }

  readonly #caught = (thrown: unknown): void => {
    const untrusted = whyUntrusted(thrown);
    if (untrusted !== undefined) this.#end(thrown, untrusted);
    else if (!this.#taker.takeException(thrown) && !this.#started) {
      this.#end(thrown, "the server was still starting");
    }
  };

  #end(thrown: unknown, why: string): void {
    const { message, stack } =
      thrown instanceof Error ? thrown : { message: String(thrown), stack: undefined };
    this.#onEvent({
      event: "error",
      unexpected: true,
      message: `Unexpected exception, after which this process ends: ${message}`,
      ...(stack === undefined ? {} : { stack }),
      hint: `It ends because ${why}. What was acknowledged is on disk.`,
    });
    process.exit(UNTRUSTED_EXIT_CODE);
  }
}

/**
 * Returns why the process can no longer be trusted after an exception, or `undefined` if it can.
 *
 * An exception in the middle of a transaction does no lasting harm: the transaction is aborted, and its
 * operations are retried or rejected. An exception in the engine's own code outside our calls cannot be
 * repaired.
 */
export function whyUntrusted(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === "ERR_INTERNAL_ASSERTION") return "an assumption of Node itself does not hold";
  if (code === "ERR_MEMORY_ALLOCATION_FAILED" || OUT_OF_MEMORY.test(thrown.message)) {
    return "there is no memory left";
  }
  if (ENGINE_FRAME.test(innermostFrame(thrown))) return "the storage engine failed outside of a call";
  return undefined;
}

const OUT_OF_MEMORY = /allocation failed|out of memory/i;
/** Matches a file of the package that contains the engine. */
const ENGINE_FRAME = /[/\\]node_modules[/\\]lmdb[/\\]/;

function innermostFrame({ stack = "" }: Error): string {
  return /^\s+at .*$/m.exec(stack)?.[0] ?? "";
}
