import type { Socket } from "node:net";
import { PIECES_MAX, UNREAD_MS_MAX } from "./limits.js";
import type { Step } from "./plan.js";

/** Writes bytes in the pieces that a step defines, as long as the connection is open. */
export async function writePieces(socket: Socket, bytes: Buffer, { pieces, pause }: Step): Promise<void> {
  let at = 0;
  for (let turn = 0; at < bytes.byteLength && !socket.destroyed; turn++) {
    const length = turn > PIECES_MAX ? bytes.byteLength : (pieces[turn % pieces.length] as number);
    const piece = bytes.subarray(at, at + length);
    at += piece.byteLength;
    if (!socket.write(piece)) await drained(socket);
    for (let turns = 0; turns < pause && at < bytes.byteLength; turns++) await new Promise(setImmediate);
  }
}

async function drained(socket: Socket): Promise<void> {
  const drained = new Promise<void>((resolve) => {
    socket.once("drain", resolve);
    socket.once("close", resolve);
  });
  // The server is allowed to accept no more from a client that does not read.
  const patience = setTimeout(() => socket.resume(), UNREAD_MS_MAX);
  await drained;
  clearTimeout(patience);
}
