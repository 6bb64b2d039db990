import { createServer } from "node:net";
import { HeldSockets } from "./held-sockets.js";
import type { AcceptingSocket } from "./listen-socket.js";

/** Sockets between the router and the workerds behind it. */
export class InnerSockets {
  #held: HeldSockets | undefined;

  /** Do not call it concurrently. */
  async open(): Promise<AcceptingSocket> {
    // On Windows workerd cannot inherit sockets, so it binds an address itself.
    if (process.platform === "win32") return { address: `127.0.0.1:${await freePort()}`, fds: undefined };
    this.#held ??= new HeldSockets();
    const { path, fd } = await this.#held.listen();
    return { address: `unix:${path}`, fds: [fd] };
  }

  async close(): Promise<void> {
    await this.#held?.close();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}
