import { finish, waitUntilUncounted } from "./background.js";

/**
 * Holds requests back while one workerd takes over from another. When workerd is told to stop, it immediately
 * closes every connection without a request in flight. A client that is just sending its next request on such
 * a connection would see a reset. While the gate is shut, every busy client soon has a request that waits in
 * it. The stopping workerd finishes these requests and responds with `Connection: close`.
 */

/**
 * Turns of the event loop, a millisecond or more each, without a new request. All
 * busy clients are then waiting.
 */
const QUIET_TURNS = 5;
/** The longest wait for that, in turns, because new clients may keep arriving. */
const QUIET_WAIT_TURNS_MAX = 50;

let shut = false;
let arrivals = 0;

/** Call it for each request. Returns `true` if the request must wait in {@link pass}. */
export function arrive(): boolean {
  arrivals++;
  return shut;
}

export async function pass(): Promise<void> {
  while (shut) await scheduler.wait(1);
}

/** Starts with a shut gate, for a workerd that takes over. */
export function startShut(): void {
  shut = true;
}

/**
 * The control entrypoint. `POST /<secret>` shuts the gate. The response begins when the gate is quiet. The
 * gate opens when the request's body ends or its sender has disconnected. `?finish=<ms>` is used before the
 * process is told to stop: the response then ends when all background work has finished, or after the given
 * time. workerd stays alive until this response has ended.
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
      const finished =
        finishMs === null
          ? opened
          : finish(opened, { msMax: Number(finishMs), replaced: searchParams.has("replaced") });
      // From here on the gate also opens when the sender disconnects.
      waitUntilUncounted(finished);
      await quiet();
      const body = new TransformStream<Uint8Array, Uint8Array>();
      waitUntilUncounted(hold(finished, body.writable.getWriter()));
      return new Response(body.readable);
    },
  };
}

async function hold(
  finished: Promise<unknown>,
  body: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  try {
    await body.write(new TextEncoder().encode("quiet"));
    await finished;
  } finally {
    await body.close().catch(() => undefined);
  }
}

async function quiet(): Promise<void> {
  // Counts turns instead of time: a process that waited for the CPU has unread requests in its sockets.
  for (let turn = 0, calm = 0; calm < QUIET_TURNS && turn < QUIET_WAIT_TURNS_MAX; turn++) {
    const before = arrivals;
    await scheduler.wait(1);
    calm = arrivals === before ? calm + 1 : 0;
  }
}
