/**
 * The fake clock of `dev --clock fake`, as seen by a function: `Date` shows the time of the store. Timers,
 * `performance` and workerd's own deadlines stay real, because code that waits for them must continue.
 */

let nowMs = 0;

/** Replaces the machine's time by the fake time. Call it before the user's code runs. */
export function installFakeDate(startMs: number): void {
  nowMs = startMs;
  const RealDate = Date;
  RealDate.now = () => nowMs;
  // A proxy keeps statics, subclasses and `instanceof` working.
  const FakeDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [nowMs] : args, newTarget),
    apply: () => new RealDate(nowMs).toString(),
  });
  RealDate.prototype.constructor = FakeDate;
  globalThis.Date = FakeDate;
}

/**
 * Whether a control request sets the time: `POST /<secret>/clock` with milliseconds since the epoch as its
 * body.
 */
export function bringsTime(request: Request, secret: string): boolean {
  return request.method === "POST" && new URL(request.url).pathname === `/${secret}/clock`;
}

/** Sets the time. Code that runs after the response sees the new time. */
export async function takeTime(request: Request): Promise<Response> {
  nowMs = Number(await request.text());
  return new Response(null, { status: 204 });
}
