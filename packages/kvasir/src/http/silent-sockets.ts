import type { Server } from "node:http";
import type { Socket } from "node:net";

interface Watched {
  bytes: number;
  /** When the bytes were last seen to change. */
  sinceMs: number;
}

/**
 * Cuts connections on which nothing has moved in either direction for too long: bodies that stop coming, answers
 * that nobody reads.
 *
 * Looks at all of them now and then. Node's own `server.timeout` sets two timers anew for each request, which is
 * a measurable part of what a small answer costs.
 */
export class SilentSockets {
  readonly #sockets = new Map<Socket, Watched>();
  readonly #silenceMsMax: number;
  readonly #timer: NodeJS.Timeout;

  constructor(
    server: Server,
    { silenceMsMax, intervalMs }: { readonly silenceMsMax: number; readonly intervalMs: number },
  ) {
    this.#silenceMsMax = silenceMsMax;
    server.on("connection", (socket) => {
      this.#sockets.set(socket, { bytes: 0, sinceMs: performance.now() });
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#timer = setInterval(() => this.#look(), intervalMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    for (const [socket, watched] of this.#sockets) {
      const bytes = socket.bytesRead + socket.bytesWritten;
      if (bytes !== watched.bytes) {
        watched.bytes = bytes;
        watched.sinceMs = nowMs;
      } else if (nowMs - watched.sinceMs > this.#silenceMsMax) {
        socket.destroy();
      }
    }
  }
}
