import { finish, waitUntilUncounted } from "./background.js";

/**
 * Holds requests back for the moment in which one workerd takes over from another. workerd, told to stop, closes
 * every connection that has no request under way, at once; a client that is just sending its next request on
 * one would see a reset. While the gate is shut, busy clients all end up with a request waiting in it, and
 * a stopping workerd finishes those and says `Connection: close` with the answer.
 */

/** Turns of the event loop, a millisecond or more each, without a new request: busy clients are then all waiting. */
const QUIET_TURNS = 5;
/** The longest wait for that, in turns: clients may come without end. */
const QUIET_WAIT_TURNS_MAX = 50;

let shut = false;
let arrivals = 0;

/** Call for each request; `true` when it must wait in {@link pass}. */
export function arrive(): boolean {
  arrivals++;
  return shut;
}

export async function pass(): Promise<void> {
  while (shut) await scheduler.wait(1);
}

/** Starts shut: for a workerd that takes over. */
export function startShut(): void {
  shut = true;
}

/**
 * The control entrypoint. `POST /<secret>` shuts the gate; the answer begins when it is quiet; the gate opens
 * when the request's body ends or its sender is gone. With `?finish=<ms>` the process is about to be told to
 * stop: the answer then ends when the work after responses has finished, for at most so long. workerd lives
 * as long as it.
 */
export function control(secret: string): {
  fetch(request: Request): Promise<Response>;
} {
  return {
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname !== `/${secret}` || request.method !== "POST") {
        return new Response(null, { status: 404 });
      }
      shut = true;
      const opened = request
        .text()
        .catch(() => "")
        .finally(() => {
          shut = false;
        });
      const finishMs = searchParams.get("finish");
      const finished = finishMs === null ? opened : finish(opened, Number(finishMs));
      // From here on the gate opens also when the sender is gone.
      waitUntilUncounted(finished);
      await quiet();
      const answer = new TransformStream<Uint8Array, Uint8Array>();
      waitUntilUncounted(hold(finished, answer.writable.getWriter()));
      return new Response(answer.readable);
    },
  };
}

async function hold(
  finished: Promise<unknown>,
  answer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  try {
    await answer.write(new TextEncoder().encode("quiet"));
    await finished;
  } finally {
    await answer.close().catch(() => undefined);
  }
}

async function quiet(): Promise<void> {
  // Turns, not time: a process that had to wait for the CPU has requests lying in its sockets that it has not seen.
  for (let turn = 0, calm = 0; calm < QUIET_TURNS && turn < QUIET_WAIT_TURNS_MAX; turn++) {
    const before = arrivals;
    await scheduler.wait(1);
    calm = arrivals === before ? calm + 1 : 0;
  }
}
