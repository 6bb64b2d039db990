import { waitUntil as nativeWaitUntil } from "cloudflare:workers";
import { report, reportError } from "./report.js";

/**
 * Work that goes on after a response: what a function gives to `waitUntil`. A workerd that was told to stop
 * ends with its last response and drops all such work, so the control entrypoint keeps a response of its own
 * open meanwhile.
 *
 * All modules of a function share this one (`scripts/build-runtime.js`): there is one count.
 */

/** How often a stopping process looks whether its work has finished, in milliseconds. */
const FINISH_CHECK_MS = 2;
/** Turns of the event loop after the gate has opened in which the requests that waited in it begin. */
const BEGIN_TURNS = 5;

interface Stop {
  /** By the real clock, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** The control response has ended: workerd now ends with its last request. */
  released: boolean;
}

// Taken before `--clock fake` puts another in its place.
const realNowMs = Date.now;

let functionName = "";
let unfinished = 0;
let stop: Stop | undefined;
let patched: object | undefined;

/** The name that reports give for all work here. */
export function nameFunction(name: string): void {
  functionName = name;
}

/** Makes the context's own `waitUntil` one that counts, as {@link waitUntil} does. */
export function watchWaitUntil(ctx: ExecutionContext): void {
  // Once for all requests: the method is the prototype's.
  const prototype = Object.getPrototypeOf(ctx) as ExecutionContext;
  if (prototype === patched) return;
  patched = prototype;
  const native = prototype.waitUntil;
  Object.defineProperty(prototype, "waitUntil", {
    configurable: true,
    writable: true,
    value(this: ExecutionContext, promise: Promise<unknown>): void {
      native.call(this, promise);
      count(promise, reportFailure);
    },
  });
}

/** `waitUntil` of `cloudflare:workers`, which counts, and reports failures that nothing else would show. */
export function waitUntil(promise: Promise<unknown>): void {
  nativeWaitUntil(promise);
  count(promise, reportFailure);
}

/** Lets an operation finish that its function does not await. Its failure is its caller's to handle. */
export function keepAlive<T>(operation: Promise<T>): Promise<T> {
  try {
    nativeWaitUntil(operation.then(ignore, ignore));
  } catch {
    // Outside of a request nothing can be kept alive; the operation says that itself.
    return operation;
  }
  count(operation, ignore);
  return operation;
}

/** `waitUntil` for our own control requests, which must not wait for themselves. */
export const waitUntilUncounted: typeof waitUntil = nativeWaitUntil;

function count(work: unknown, onFailure: (error: unknown) => void): void {
  unfinished++;
  Promise.resolve(work).then(end, (error: unknown) => {
    end();
    onFailure(error);
  });
}

function reportFailure(error: unknown): void {
  reportError(functionName, error);
}

function end(): void {
  unfinished--;
}

/** Whether this process was told to stop. */
export function isStopping(): boolean {
  return stop !== undefined;
}

/**
 * A request that begins while the process stops counts as work: it may call `waitUntil` at its end. It does
 * not before: workerd drops the code of a request whose client has left, and its promise then never settles.
 */
export function holdForRequest(responding: unknown): void {
  void keepAlive(Promise.resolve(responding)).catch(ignore);
}

/** Call before a response is handed over. The last one of a stopping process takes all other work with it. */
export async function finishBeforeResponse(): Promise<void> {
  while (stop?.released === true && unfinished > 0 && realNowMs() < stop.deadlineMs) {
    await scheduler.wait(FINISH_CHECK_MS);
  }
}

/**
 * Resolves when all work has finished, and reports what has not when the time is up.
 *
 * @param opened the gate lets through the requests that waited in it
 */
export async function finish(opened: Promise<unknown>, msMax: number): Promise<void> {
  const begun = { deadlineMs: realNowMs() + msMax, released: false };
  stop = begun;
  await opened;
  for (let turn = 0; turn < BEGIN_TURNS; turn++) await scheduler.wait(1);
  while (unfinished > 0 && realNowMs() < begun.deadlineMs) await scheduler.wait(FINISH_CHECK_MS);
  if (unfinished > 0) report({ type: "unfinished", function: functionName, tasks: unfinished });
  begun.released = true;
}

function ignore(): void {}
