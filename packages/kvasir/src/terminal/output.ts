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
  await writeErr(`${text}\n`);
}

/** Prints one line of compact JSON, the format of `--json`. */
export async function printJson(value: unknown): Promise<void> {
  await writeOut(`${JSON.stringify(value)}\n`);
}

let outlivesOutput = false;

/** Lets `kvasir … | head` end without an error when the reader closes the pipe. */
export function endQuietlyWhenReaderLeaves(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      if (!outlivesOutput) throw error;
    });
  }
}

/**
 * Keeps the process running when its output can no longer be written, because the disk of its log is full or
 * its terminal is gone. Serving requests does not depend on the output.
 */
export function outliveOutput(): void {
  outlivesOutput = true;
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
