import { Worker } from "node:worker_threads";
import { FunctionError } from "../function-error.js";
import { LISTEN_BACKLOG } from "../limits.js";

/** The address that functions answer on. */
export interface ListenSocket {
  readonly host: string;
  readonly port: number;
  /** The listening descriptor for workerd to inherit; `undefined` where workerd must bind the address itself. */
  readonly fd: number | undefined;
  close(): Promise<void>;
}

// The thread's own loop never runs again after the message, so nothing there accepts a connection. It holds the
// socket open: whichever workerd has inherited it accepts, and while none does the kernel queues.
const THREAD = `
const { parentPort, workerData } = require("node:worker_threads");
const server = require("node:net").createServer();
server.on("error", ({ code, message }) => parentPort.postMessage({ code, message }));
server.on("listening", () => {
  parentPort.postMessage({ fd: server._handle.fd, port: server.address().port });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
server.listen(workerData);
`;

type Answer =
  | { readonly fd: number; readonly port: number }
  | { readonly code: string; readonly message: string };

/**
 * Listens without ever accepting. The socket outlives every workerd that shares it, so a reload or a crash
 * refuses no connection.
 *
 * @param port 0 for a free one
 * @throws FunctionError when the address is taken or not this machine's
 */
export async function openListenSocket(host: string, port: number): Promise<ListenSocket> {
  // Windows cannot hand a socket to a child by number: workerd binds, and reloads have a short gap.
  if (process.platform === "win32") return { host, port, fd: undefined, close: async () => undefined };
  // `exclusive`: in a worker of node:cluster, too, the socket is this process's own.
  const listen = { host, port, backlog: LISTEN_BACKLOG, exclusive: true };
  const thread = new Worker(THREAD, { eval: true, workerData: listen });
  const answer = await new Promise<Answer>((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
  if (!("fd" in answer)) {
    await thread.terminate();
    throw listenError(host, port, answer);
  }
  thread.unref();
  return {
    host,
    port: answer.port,
    fd: answer.fd,
    close: async () => {
      await thread.terminate();
    },
  };
}

function listenError(
  host: string,
  port: number,
  { code, message }: { code: string; message: string },
): Error {
  if (code === "EADDRINUSE") {
    return new FunctionError(`Port ${port} on ${host} is in use.`, {
      hint: "Stop the program that uses it, or choose another port with --port (0 picks a free one).",
    });
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new FunctionError(`${host} is not an address of this machine.`, {
      hint: "Give --host an address that this machine has, for example 127.0.0.1 or 0.0.0.0.",
    });
  }
  if (code === "EACCES") {
    return new FunctionError(`No permission to listen on port ${port} of ${host}.`, {
      hint: "Choose a port above 1023 with --port.",
    });
  }
  return new FunctionError(`Cannot listen on ${host}:${port}: ${message}`);
}
