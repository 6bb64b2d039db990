import { Worker } from "node:worker_threads";
import { FunctionError } from "../../failure/function-error.js";
import { LISTEN_BACKLOG } from "../limits.js";

/** A socket on which workerds accept connections. */
export interface AcceptingSocket {
  /** In workerd's form: `host:port` or `unix:/path`. */
  readonly address: string;
  /**
   * The listening descriptors to inherit: one for each workerd, or one for all. `undefined` if
   * workerd must bind the address itself.
   */
  readonly fds: readonly [number, ...number[]] | undefined;
}

/**
 * The descriptors from which one of several processes accepts. If there are fewer processes than descriptors, all
 * descriptors are distributed, because connections wait on each of them. `[undefined]` if it must bind the address.
 */
export function descriptorsOf(
  { fds }: AcceptingSocket,
  { index, processes }: { readonly index: number; readonly processes: number },
): readonly (number | undefined)[] {
  if (fds === undefined) return [undefined];
  if (fds.length <= processes) return [fds[index % fds.length]];
  return fds.filter((_, at) => at % processes === index);
}

/** The port of the functions, held open by another process. */
export interface InheritedSocket extends AcceptingSocket {
  readonly port: number;
}

/** The port of the functions. */
export interface ListenSocket extends InheritedSocket {
  close(): Promise<void>;
}

/** A socket of the parent process. It stays open when this process ends. */
export function inheritedSocket(socket: InheritedSocket): ListenSocket {
  return { ...socket, close: async () => undefined };
}

// After the message the thread's event loop never runs again, so the thread accepts no connections. It
// only holds the sockets open. The workerds that inherit a socket accept from it, and the kernel
// queues connections while none does.
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
  // Only a socket without SO_REUSEPORT can detect that the port is already taken.
  const { port } = server.address();
  server.close(() => listen(port, { reusePort: true }, hold));
});
`;

type ThreadMessage =
  | { readonly fds: [number, ...number[]]; readonly port: number }
  | { readonly code: string; readonly message: string };

/**
 * With one shared socket, the workerd that wakes first often takes a whole burst of connections (32 of 32).
 * With one socket for each workerd the kernel distributes them (SO_REUSEPORT).
 */
const canSpread = process.platform === "linux" && hasReusePort(process.versions.node);

/** Node supports the option `reusePort` from 22.12 and 23.1 on. */
function hasReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

/**
 * Listens without accepting. The socket outlives all workerds that share it, so no connection is refused
 * during a reload or after a crash.
 *
 * @param port 0 for a free one
 * @param processes number of workerds that will share the port
 * @throws FunctionError if the address is taken or does not belong to this machine
 */
export async function openListenSocket(host: string, port: number, processes = 1): Promise<ListenSocket> {
  // Windows cannot pass a socket to a child by number: workerd binds, and a reload has a short gap.
  if (process.platform === "win32") {
    return { address: hostAndPort(host, port), port, fds: undefined, close: async () => undefined };
  }
  // `exclusive`: in a worker of node:cluster the socket must belong to this process too.
  const count = canSpread ? processes : 1;
  const listen = { host, port, backlog: LISTEN_BACKLOG, exclusive: true, count };
  const thread = new Worker(THREAD, { eval: true, workerData: listen });
  const opened = await new Promise<ThreadMessage>((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
  if (!("fds" in opened)) {
    await thread.terminate();
    throw listenError(host, port, opened);
  }
  thread.unref();
  return {
    address: hostAndPort(host, opened.port),
    port: opened.port,
    fds: opened.fds,
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
