import { writeSync } from "node:fs";

/**
 * The only module that writes to the terminal. stdout gets the requested output, stderr gets errors and
 * messages that are only for people.
 */

/** Resolves when the stream accepts more, so that a large value does not pile up in memory. */
export function writeOut(chunk: string | Uint8Array): Promise<void> {
  return write(process.stdout, chunk);
}

export function writeErr(text: string): Promise<void> {
  return write(process.stderr, text);
}

export async function printLine(text: string): Promise<void> {
  await writeOut(`${text}\n`);
}

export async function noteLine(text: string): Promise<void> {
  if (showNote === null) await writeErr(`${text}\n`);
  else showNote(`${text}\n`);
}

let showNote: ((text: string) => void) | null = null;

/** Gives messages to `show`, which knows what else is on the terminal. @returns a function that ends this */
export function takeNotes(show: (text: string) => void): () => void {
  showNote = show;
  return () => {
    showNote = null;
  };
}

/** Prints one line of compact JSON, the format of `--json`. */
export async function printJson(value: unknown): Promise<void> {
  await writeOut(`${JSON.stringify(value)}\n`);
}

let outlivesOutput = false;
let finishesWork = false;
let isWritingWhole = false;

/** Lets `kvasir … | head` end without an error when the reader closes the pipe. */
export function endQuietlyWhenReaderLeaves(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const isOutput = stream === process.stdout;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // The write rejects with it.
      if (isWritingWhole && isOutput) return;
      if (finishesWork) {
        process.exitCode ||= 1;
        if (isOutput) tellLostOutput(error);
        return;
      }
      // With the exit code of what was found out so far.
      if (error.code === "EPIPE") process.exit();
      if (outlivesOutput) return;
      if (isOutput) tellLostOutput(error);
      process.exit(1);
    });
  }
}

/**
 * Lets the command do all of its work when its output can no longer be written. Its exit code is then 1, because its
 * report is lost. Without this, `kvasir import … 2>&1 | head` would import a part and end as if that were all.
 */
export function finishWithoutReader(): void {
  finishesWork = true;
}

function tellLostOutput({ code, message }: NodeJS.ErrnoException): void {
  const reasons: Readonly<Record<string, string>> = {
    EPIPE: "its reader has left",
    ENOSPC: "there is no space left for it",
  };
  const reason = reasons[code ?? ""] ?? message;
  const then = finishesWork ? "The command does its work all the same" : "Send it somewhere else";
  try {
    writeSync(process.stderr.fd, `error: The output cannot be written: ${reason}. ${then}.\n`);
  } catch {
    // Nobody reads that either.
  }
}

/**
 * Keeps the process running when its output can no longer be written, because the disk of its log is full or
 * its terminal is gone. Serving requests does not depend on the output.
 */
export function outliveOutput(): void {
  outlivesOutput = true;
}

/**
 * Writes a part of an output that is of use only as a whole. Unlike {@link writeOut} it rejects when the output cannot
 * be written, also when its reader has left.
 */
export function writeWhole(chunk: Uint8Array): Promise<void> {
  isWritingWhole = true;
  return new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function write(stream: NodeJS.WriteStream, chunk: string | Uint8Array): Promise<void> {
  // A stream that has failed never emits "drain".
  if (stream.write(chunk) || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}
