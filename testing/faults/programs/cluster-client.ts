import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { KvError, open } from "@kvasir/store";
import type { ClientInput } from "../cluster/client-process.js";
import { Journal } from "../cluster/journal.js";
import { Load } from "../cluster/load.js";

/** A client of a cluster, in a process of its own: the other end of `ClientProcess`. */
const { client, locator, address, position } = JSON.parse(process.argv[2] ?? "") as ClientInput;
connectFrom(address);
const database = open(locator, { ttlSecondsMin: 1 });
// The pipe is read all the time, so a write to it passes on the line at once.
const journal = new Journal((line) => writeSync(1, line));
const load = new Load(database, { client, isStrong: locator.includes("reads=strong"), journal });
let isStopping = false;

process.once("disconnect", () => {
  isStopping = true;
  void load.stop().then(() => database.close());
});
load.start();
await watchOn(position);

/** Watches, and goes on from its last position when the cluster is away. */
async function watchOn(since: string): Promise<void> {
  let last = since;
  for (let session = 1; !isStopping; session++) {
    try {
      await load.watch(last, {
        session: `${client}:${session}`,
        onPosition: (position) => (last = position),
      });
    } catch (error) {
      if (isStopping) return;
      const isPassing = error instanceof KvError && ["unavailable", "outcome_unknown"].includes(error.code);
      if (!isPassing) throw error;
    }
  }
}

/** Makes all connections of this process come from one address. */
function connectFrom(localAddress: string): void {
  const connect = Socket.prototype.connect as (...args: unknown[]) => Socket;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    // `net.connect` passes its arguments as an array of their normalized form.
    const [options] = Array.isArray(args[0]) ? args[0] : args;
    return connect.apply(this, [{ ...options, localAddress }]);
  } as typeof Socket.prototype.connect;
}
