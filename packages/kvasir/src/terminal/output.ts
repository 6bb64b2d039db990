/**
 * The one place that writes to the terminal. stdout carries what a command was asked for, stderr what went
 * wrong and what is only for people to read.
 */

/** Resolves once the stream takes more, so that a large value does not pile up in memory. */
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

/** Compact JSON on a line of its own: what `--json` promises. */
export async function printJson(value: unknown): Promise<void> {
  await writeOut(`${JSON.stringify(value)}\n`);
}

let outlivesOutput = false;

/** Lets `kvasir … | head` end quietly: a reader that has seen enough is no failure. */
export function endQuietlyWhenReaderLeaves(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      if (!outlivesOutput) throw error;
    });
  }
}

/**
 * From now on the process goes on where its output cannot be written any more (the disk of its log is full, its terminal
 * is gone): what it serves does not depend on it.
 */
export function outliveOutput(): void {
  outlivesOutput = true;
}

function write(stream: NodeJS.WriteStream, chunk: string | Uint8Array): Promise<void> {
  // A stream that has failed never drains.
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
