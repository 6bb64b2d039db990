import type { EventSink } from "../events/events.js";
import { outliveOutput } from "../terminal/output.js";

/** Who ends the request that an exception belongs to, and counts and reports it. */
export interface ExceptionTaker {
  /** @returns whether a request was found that it belongs to */
  takeException(thrown: unknown): boolean;
}

/** Exit code of a process that ends itself because it cannot be trusted any more (`EX_SOFTWARE`). */
const UNTRUSTED_EXIT_CODE = 70;

/**
 * What happens when an exception reaches the process: the request that it belongs to ends, and the process goes on. It
 * ends only when its state can no longer be trusted, which {@link whyUntrusted} decides, or when the exception comes
 * while the server starts and belongs to no request: then something that the start waits for may never come.
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

  /** The server has started. */
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
 * Why the process can no longer be trusted after an exception; `undefined` where it can.
 *
 * An exception in the middle of a transaction is none of these: the transaction is given up, and those that shared it
 * are tried again or told. What cannot be made good is an exception in the engine's own code outside of our calls.
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
/** A file of the package that holds the engine. */
const ENGINE_FRAME = /[/\\]node_modules[/\\]lmdb[/\\]/;

function innermostFrame({ stack = "" }: Error): string {
  return /^\s+at .*$/m.exec(stack)?.[0] ?? "";
}
