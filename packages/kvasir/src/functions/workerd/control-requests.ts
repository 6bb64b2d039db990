import { request } from "node:http";
import { connect } from "node:net";
import { CONTROL_TIMEOUT_MS } from "../limits.js";

/** Closes a gate. Resolves when all arriving requests wait there. Call the result to let them through. */
export async function holdRequests(port: number, path: string): Promise<() => void> {
  const hold = request({
    host: "127.0.0.1",
    port,
    method: "POST",
    path,
    agent: false,
    headers: { "Transfer-Encoding": "chunked" },
  });
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, CONTROL_TIMEOUT_MS);
    hold.on("response", (response) => {
      response.resume();
      response.on("error", () => undefined);
      response.once("data", () => resolve());
    });
    // A process that has ended holds no requests.
    hold.on("error", () => resolve());
    hold.on("close", () => clearTimeout(timer));
    hold.flushHeaders();
  });
  return () => hold.end();
}

/** Tells the code of a process something. Resolves with `false` if it did not respond. */
export function tell({
  port,
  path,
  body = "",
}: {
  readonly port: number;
  readonly path: string;
  readonly body?: string;
}): Promise<boolean> {
  return new Promise((resolve) => {
    const told = request({ host: "127.0.0.1", port, method: "POST", path, agent: false });
    const timer = setTimeout(() => {
      resolve(false);
      told.destroy();
    }, CONTROL_TIMEOUT_MS);
    told.on("response", (response) => response.resume());
    told.on("error", () => undefined);
    told.on("close", () => {
      clearTimeout(timer);
      resolve(true);
    });
    told.end(body);
  });
}

/** Opens a connection and completes one request on it. The result waits until the connection is closed. */
export async function idleConnection(port: number): Promise<() => Promise<void>> {
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
    socket.setTimeout(CONTROL_TIMEOUT_MS, () => socket.destroy());
    socket.on("error", () => undefined);
  });
  socket.write("GET / HTTP/1.1\r\nHost: kvasir\r\n\r\n");
  await Promise.race([closed, new Promise((resolve) => socket.once("data", resolve))]);
  socket.resume();
  return () => closed;
}
