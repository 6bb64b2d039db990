import { KvError } from "@kvasir/client/namespace";
import { FunctionError } from "./function-error.js";

export interface FailureOptions {
  /** What the user can do, as one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** @default 1 */
  readonly exitCode?: number | undefined;
}

/** An error whose message is written for the person at the terminal. */
export class Failure extends Error {
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}
Failure.prototype.name = "Failure";

export interface FailureText {
  readonly message: string;
  readonly hint?: string;
  /** The code of a `KvError`. */
  readonly code?: string;
}

/** Describes anything thrown: a message and, if known, what the user can do. */
export function describeFailure(error: unknown): FailureText {
  if (error instanceof Failure || error instanceof FunctionError) return withHint(error.message, error.hint);
  if (error instanceof KvError) {
    return { ...withHint(withoutVerb(error.message), error.hint), code: error.code };
  }
  if (!(error instanceof Error)) return { message: String(error) };
  const system = describeSystemError(error);
  if (system !== undefined) return system;
  return withHint(oneLine(error.message), "Set KVASIR_DEBUG=1 to see where it comes from.");
}

/** `text` with a full stop, unless it ends a sentence already. */
export function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Removes what Workers KV puts before its messages, such as `KV PUT failed: 400 `. */
function withoutVerb(message: string): string {
  return message.replace(/^KV [A-Z_]+ failed: \d+ /, "");
}

function withHint(message: string, hint: string | undefined): FailureText {
  return hint === undefined ? { message } : { message, hint };
}

function describeSystemError(error: NodeJS.ErrnoException & { address?: string; port?: number }) {
  const where = error.path ?? (error.port === undefined ? "it" : `${error.address}:${error.port}`);
  switch (error.code) {
    case "EADDRINUSE":
      return {
        message: `Port ${error.port} on ${error.address} is in use.`,
        hint: "Stop the program that uses it, or choose other ports with --port and --api-port (0 picks a free one).",
      };
    case "EADDRNOTAVAIL":
      return {
        message: `${error.address} is not an address of this machine.`,
        hint: "Give --host an address that this machine has, for example 127.0.0.1 or 0.0.0.0.",
      };
    case "ENOENT":
      return { message: `${where} does not exist.`, hint: "Check the path." };
    case "EISDIR":
      return { message: `${where} is a folder.`, hint: "Give the path of a file." };
    case "ENOTDIR":
      return { message: `${where} is not a folder.`, hint: "Give the path of a folder." };
    case "EACCES":
    case "EPERM":
      return {
        message: `No permission for ${where}.`,
        hint: "Run as a user who has it, or choose another path or port.",
      };
    case "EROFS":
      return { message: `${where} is read-only.`, hint: "Choose a writable folder with --data." };
    case "ENOSPC":
      return { message: "The disk is full.", hint: "Make room, then run the command again." };
    default:
      return undefined;
  }
}

function oneLine(message: string): string {
  const line = message.split("\n").find((text) => text.trim() !== "");
  return line === undefined ? "It failed without a message." : line.trim();
}
