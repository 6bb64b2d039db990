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
let isWritingWhole = false;

/** Lets `kvasir … | head` end without an error when the reader closes the pipe. */
export function endQuietlyWhenReaderLeaves(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // The write rejects with it.
      if (isWritingWhole && stream === process.stdout) return;
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
