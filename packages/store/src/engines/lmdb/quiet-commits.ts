import type { RootDatabase } from "lmdb";

/** The part of the binding that starts a transaction. Its types leave it out. */
interface WriteStarter {
  startWriting?(address: number, told: (status: number) => unknown): unknown;
}

/**
 * Keeps the binding from printing each transaction that fails: it prints the error, with its stack, before it rejects
 * with it. On a full disk that were thousands of lines in the output of a program, whose own error says all of it.
 */
export function quietFailedCommits(root: RootDatabase): void {
  const { env } = root as unknown as { readonly env?: WriteStarter };
  const startWriting = env?.startWriting;
  // Another version of the binding may have another way. It prints its lines then, and the test says so.
  if (env === undefined || startWriting === undefined) return;
  const quietly: typeof startWriting = (address, told) =>
    startWriting.call(env, address, (status) => {
      const isFailure = status > CALLBACKS_TO_RUN || status < 0;
      return isFailure ? withoutConsoleErrors(() => told(status)) : told(status);
    });
  // The method that it stands before is a constant of the prototype.
  Object.defineProperty(env, "startWriting", { value: quietly, configurable: true });
}

/** 0 and 1 are success; 2 asks for the callbacks inside the transaction. */
const CALLBACKS_TO_RUN = 2;

function withoutConsoleErrors<T>(work: () => T): T {
  const { console } = globalThis;
  const { error } = console;
  console.error = () => {};
  try {
    return work();
  } finally {
    console.error = error;
  }
}
