import { Worker } from "node:worker_threads";
import { FunctionError } from "../../failure/function-error.js";
import { LISTEN_BACKLOG } from "../limits.js";

/** Where workerds accept connections. */
export interface AcceptingSocket {
  /** As workerd takes it: `host:port` or `unix:/path`. */
  readonly address: string;
  /**
   * The listening descriptor for each workerd to inherit, or one for all of them; `undefined` where workerd must
   * bind the address itself.
   */
  readonly fds: readonly [number, ...number[]] | undefined;
}

/** The port that functions answer on, held open by another process. */
export interface InheritedSocket extends AcceptingSocket {
  readonly port: number;
}

/** The port that functions answer on. */
export interface ListenSocket extends InheritedSocket {
  close(): Promise<void>;
}

/** A socket of the process that started this one. It stays open when this one ends. */
export function inheritedSocket(socket: InheritedSocket): ListenSocket {
  return { ...socket, close: async () => undefined };
}

// The thread's own loop never runs again after the message, so nothing there accepts a connection. It holds the
// sockets open: whichever workerd has inherited one accepts, and while none does the kernel queues.
const THREAD = `
const { parentPort, workerData: { count, ...address } } = require("node:worker_threads");
const { createServer } = require("node:net");
const servers = [];
const listen = (port, options, then) => {
  const server = createServer();
  server.on("error", ({ code, message }) => parentPort.postMessage({ code, message }));
  server.listen({ ...address, ...options, port }, () => then(server));
};
const hold = (server) => {
  servers.push(server);
  const { port } = server.address();
  if (servers.length < count) return listen(port, { reusePort: true }, hold);
  parentPort.postMessage({ fds: servers.map(({ _handle }) => _handle.fd), port });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
listen(address.port, {}, (server) => {
  if (count === 1) return hold(server);
  // That nobody else is here only a socket which does not share can tell.
  const { port } = server.address();
  server.close(() => listen(port, { reusePort: true }, hold));
});
`;

type Answer =
  | { readonly fds: [number, ...number[]]; readonly port: number }
  | { readonly code: string; readonly message: string };

/**
 * Of workerds that wait at one socket, the first to wake takes all connections of a burst: 32 of 32, often. Where each
 * has its own, the kernel deals them out (SO_REUSEPORT).
 */
const canSpread = process.platform === "linux" && hasReusePort(process.versions.node);

/** Whether a Node knows the option `reusePort`: from 22.12 and 23.1 on. */
function hasReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

/**
 * Listens without ever accepting. The socket outlives every workerd that shares it, so a reload or a crash
 * refuses no connection.
 *
 * @param port 0 for a free one
 * @param processes how many workerds will share the port
 * @throws FunctionError when the address is taken or not this machine's
 */
export async function openListenSocket(host: string, port: number, processes = 1): Promise<ListenSocket> {
  // Windows cannot hand a socket to a child by number: workerd binds, and reloads have a short gap.
  if (process.platform === "win32") {
    return { address: hostAndPort(host, port), port, fds: undefined, close: async () => undefined };
  }
  // `exclusive`: in a worker of node:cluster, too, the socket is this process's own.
  const count = canSpread ? processes : 1;
  const listen = { host, port, backlog: LISTEN_BACKLOG, exclusive: true, count };
  const thread = new Worker(THREAD, { eval: true, workerData: listen });
  const answer = await new Promise<Answer>((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
  if (!("fds" in answer)) {
    await thread.terminate();
    throw listenError(host, port, answer);
  }
  thread.unref();
  return {
    address: hostAndPort(host, answer.port),
    port: answer.port,
    fds: answer.fds,
    close: async () => {
      await thread.terminate();
    },
  };
}

function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
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
