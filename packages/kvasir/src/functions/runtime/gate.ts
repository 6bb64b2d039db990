/**
 * Holds requests back for the moment in which one workerd takes over from another. workerd, told to stop, closes
 * every connection that has no request under way, at once; a client that is just sending its next request on
 * one would see a reset. While the gate is shut, busy clients all end up with a request waiting in it, and
 * a stopping workerd finishes those and says `Connection: close` with the answer.
 */

/** Quiet: no request has come in for this long, in milliseconds; busy clients are then all waiting. */
const QUIET_MS = 4;
/** The longest wait for that, in milliseconds: clients may come without end. */
const QUIET_WAIT_MS_MAX = 40;
/** A gate that nobody opens opens itself, in milliseconds. */
const SHUT_MS_MAX = 1000;

let shutUntilMs = 0;
let lastRequestMs = 0;

/** Call for each request; `true` when it must wait in {@link pass}. */
export function arrive(): boolean {
  lastRequestMs = Date.now();
  return lastRequestMs < shutUntilMs;
}

export async function pass(): Promise<void> {
  while (Date.now() < shutUntilMs) await scheduler.wait(1);
}

/** Starts shut: for a workerd that takes over. */
export function startShut(): void {
  shutUntilMs = Number.POSITIVE_INFINITY;
}

/** The control entrypoint: `POST /<secret>/shut`, answered when it is quiet, and `POST /<secret>/open?after=ms`. */
export function control(secret: string): { fetch(request: Request): Promise<Response> } {
  return {
    async fetch(request) {
      const url = new URL(request.url);
      if (url.pathname === `/${secret}/shut`) await shut();
      else if (url.pathname === `/${secret}/open`) await open(Number(url.searchParams.get("after")));
      else return new Response(null, { status: 404 });
      return new Response(null, { status: 204 });
    },
  };
}

async function shut(): Promise<void> {
  const startMs = Date.now();
  shutUntilMs = startMs + SHUT_MS_MAX;
  while (Date.now() - lastRequestMs < QUIET_MS && Date.now() - startMs < QUIET_WAIT_MS_MAX) {
    await scheduler.wait(1);
  }
}

async function open(afterMs: number): Promise<void> {
  if (afterMs > 0) await scheduler.wait(afterMs);
  shutUntilMs = 0;
}
