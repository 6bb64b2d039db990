import { FunctionError } from "../../failure/function-error.js";
import { describeEnd, describeStartError, type Exit } from "../resources/exit.js";
import type { MemoryLimit } from "../resources/memory-limit.js";

/** workerd ended or timed out before it listened. */
export class WorkerdStartError extends FunctionError {
  /** The lines that it wrote. */
  readonly lines: readonly string[];
  /** Whether the message names the cause. Otherwise the lines may. */
  readonly saysWhy: boolean;

  constructor(
    message: string,
    options: {
      readonly lines: readonly string[];
      readonly saysWhy: boolean;
      readonly hint?: string | undefined;
    },
  ) {
    super(message, options.hint === undefined ? {} : { hint: options.hint });
    this.lines = options.lines;
    this.saysWhy = options.saysWhy;
  }
}

export function lateError(startMsMax: number, lines: readonly string[]): WorkerdStartError {
  return new WorkerdStartError(`The functions did not start within ${startMsMax / 1000} s.`, {
    lines,
    saysWhy: true,
    hint: "Look for a loop that does not end in code outside of functions, which runs at the start.",
  });
}

export function exitError(exit: Exit, memory: MemoryLimit, lines: readonly string[]): WorkerdStartError {
  const { text, hint } = describeEnd(exit, memory);
  const message = `workerd ended while it started: it ${text}. ${lines.slice(0, 3).join(" ")}`;
  return new WorkerdStartError(message.trim(), { lines, saysWhy: hint !== undefined, hint });
}

export function startError(error: NodeJS.ErrnoException): WorkerdStartError {
  const { text, hint } = describeStartError(error);
  return new WorkerdStartError(`workerd ${text}.`, { lines: [], saysWhy: false, hint });
}
