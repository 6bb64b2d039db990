/**
 * The fake clock of `dev --clock fake`, as a function sees it: `Date` shows the time that the store has. Timers,
 * `performance` and workerd's own deadlines stay real, for what waits for them must go on.
 */

let nowMs = 0;

/** Puts the fake time in place of the machine's. Call it before the user's code runs. */
export function installFakeDate(startMs: number): void {
  nowMs = startMs;
  const RealDate = Date;
  RealDate.now = () => nowMs;
  // A proxy, so that statics, subclasses and `instanceof` are those of the real one.
  const FakeDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [nowMs] : args, newTarget),
    apply: () => new RealDate(nowMs).toString(),
  });
  RealDate.prototype.constructor = FakeDate;
  globalThis.Date = FakeDate;
}

/** Whether a control request brings the time: `POST /<secret>/clock`, milliseconds since the epoch as its body. */
export function bringsTime(request: Request, secret: string): boolean {
  return request.method === "POST" && new URL(request.url).pathname === `/${secret}/clock`;
}

/** Answers when every line of code that runs from now on sees the new time. */
export async function takeTime(request: Request): Promise<Response> {
  nowMs = Number(await request.text());
  return new Response(null, { status: 204 });
}
