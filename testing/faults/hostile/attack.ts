import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Random } from "../../harness/random.js";
import type { Surroundings } from "../connections/planned-request.js";
import { HOLD_MS } from "./limits.js";

/** What an attacker gets. */
export interface AttackContext {
  readonly port: number;
  readonly random: Random;
  readonly around: Surroundings;
}

/** An attack. One burst takes a second or so. */
export interface Attack {
  readonly name: string;
  /** @returns the number of requests, including incomplete or malformed ones, and of connections */
  burst(context: AttackContext): Promise<Burst>;
}

export interface Burst {
  readonly requests: number;
  readonly connections: number;
}

export interface Assault {
  /** Written one after the other, as far as the server accepts them. */
  readonly parts: Iterable<string | Buffer>;
  /** @default true */
  readonly reads?: boolean;
  /** One part per turn of the event loop. @default false: as fast as possible */
  readonly slowly?: boolean;
  /** How long it holds the connection after everything is written. @default HOLD_MS; 0: not at all */
  readonly holdMs?: number;
}

export interface Exchanged {
  readonly written: number;
  readonly responses: number;
}

/**
 * Attacks on a connection of its own, and ends with a reset. Ends early if the server ends the connection.
 *
 * @returns how many parts were written, and how many responses came back if they were read
 */
export async function assault(
  port: number,
  { parts, reads = true, slowly = false, holdMs = HOLD_MS }: Assault,
): Promise<Exchanged> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  let responses = 0;
  if (reads) {
    socket.setEncoding("latin1").on("data", (text: string) => {
      responses += text.split("HTTP/1.1 ").length - 1;
    });
  } else {
    socket.pause();
  }
  await Promise.race([once(socket, "connect").catch(() => {}), closed]);
  let written = 0;
  for (const part of parts) {
    if (socket.destroyed) break;
    written++;
    const isFull = !socket.write(typeof part === "string" ? Buffer.from(part, "latin1") : part);
    if (isFull && !(await drainedWithin(socket, holdMs + 1))) break;
    if (slowly) await new Promise(setImmediate);
  }
  if (holdMs > 0 && !socket.destroyed) await Promise.race([closed, elapsed(holdMs)]);
  socket.resetAndDestroy();
  return { written, responses };
}

/**
 * Several {@link assault}s at a time.
 *
 * @returns the sums of their results
 */
export async function assaults(
  port: number,
  count: number,
  each: (index: number) => Assault,
): Promise<Exchanged> {
  const all = await Promise.all(Array.from({ length: count }, (_, index) => assault(port, each(index))));
  return {
    written: all.reduce((sum, { written }) => sum + written, 0),
    responses: all.reduce((sum, { responses }) => sum + responses, 0),
  };
}

/** @returns false if the server accepts no more, or the connection is closed */
async function drainedWithin(socket: Socket, ms: number): Promise<boolean> {
  const drained = new Promise<boolean>((resolve) => {
    socket.once("drain", () => resolve(true));
    socket.once("close", () => resolve(false));
  });
  return Promise.race([drained, elapsed(ms).then(() => false)]);
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
