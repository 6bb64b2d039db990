import { waitUntil as nativeWaitUntil } from "cloudflare:workers";
import { report, reportError } from "./report.js";

/**
 * Background work: the promises that a function passes to `waitUntil`. A workerd that has been told to stop
 * ends after its last response and drops all background work. Therefore the control entrypoint keeps its own
 * response open until the work has finished.
 *
 * All modules of a function share this module (`scripts/build-runtime.js`), so there is one count.
 */

/** How often a stopping process checks whether its work has finished, in milliseconds. */
const FINISH_CHECK_MS = 2;
/** Turns of the event loop that waiting requests need to begin after the gate has opened. */
const BEGIN_TURNS = 5;

interface Stop {
  /** In real milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Whether another process serves in its place. */
  readonly replaced: boolean;
  /** Whether the gate has opened. This process then accepts no more connections. */
  opened: boolean;
  /** Whether the control response has ended. workerd then ends after its last request. */
  released: boolean;
}

// Saved before `--clock fake` replaces `Date`.
const realNowMs = Date.now;

let functionName = "";
let lastWord: () => void = ignore;
let unfinished = 0;
let stop: Stop | undefined;
let patched: object | undefined;
const collected = new WeakMap<ExecutionContext, Promise<unknown>[]>();

/** Sets the function's name for reports. */
export function nameFunction(name: string): void {
  functionName = name;
}

/** Makes the context's own `waitUntil` count its work, as {@link waitUntil} does. */
export function watchWaitUntil(ctx: ExecutionContext): void {
  // The method belongs to the prototype, so patching it once covers all requests.
  const prototype = Object.getPrototypeOf(ctx) as ExecutionContext;
  if (prototype === patched) return;
  patched = prototype;
  const native = prototype.waitUntil;
  Object.defineProperty(prototype, "waitUntil", {
    configurable: true,
    writable: true,
    value(this: ExecutionContext, promise: Promise<unknown>): void {
      native.call(this, promise);
      collected.get(this)?.push(promise);
      count(promise, reportFailure);
    },
  });
}

/** Returns the promises that will be passed to this context's `waitUntil`. The list grows. */
export function collectWaitUntil(ctx: ExecutionContext): readonly Promise<unknown>[] {
  watchWaitUntil(ctx);
  const promises: Promise<unknown>[] = [];
  collected.set(ctx, promises);
  return promises;
}

/**
 * Replaces `waitUntil` of `cloudflare:workers`. It also counts the work and reports
 * failures, which would be lost.
 */
export function waitUntil(promise: Promise<unknown>): void {
  nativeWaitUntil(promise);
  count(promise, reportFailure);
}

/** Lets an operation finish even if its function does not await it. The caller handles failures. */
export function keepAlive<T>(operation: Promise<T>): Promise<T> {
  try {
    nativeWaitUntil(operation.then(ignore, ignore));
  } catch {
    // Outside of a request nothing can be kept alive. The operation itself then fails with an error.
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

/** Sets what to do when all work has finished, before a stopping process ends. */
export function beforeEnd(last: () => void): void {
  lastWord = last;
}

/** Whether this process has been told to stop. */
export function isStopping(): boolean {
  return stop !== undefined;
}

/** Whether this process accepts no more connections, because another one serves in its place or none does. */
export function leaving(): "replaced" | "ended" | undefined {
  if (stop?.opened !== true) return undefined;
  return stop.replaced ? "replaced" : "ended";
}

/**
 * Counts a request that begins while the process stops as work, because it may call `waitUntil` at its end.
 * Earlier requests are not counted: workerd drops the code of a request whose client has disconnected, and
 * its promise then never settles.
 */
export function holdForRequest(responding: unknown): void {
  void keepAlive(Promise.resolve(responding)).catch(ignore);
}

/**
 * Call it before a response is returned: the last response of a stopping process ends all background work.
 */
export async function finishBeforeResponse(): Promise<void> {
  while (stop?.released === true && unfinished > 0 && realNowMs() < stop.deadlineMs) {
    await scheduler.wait(FINISH_CHECK_MS);
  }
}

/**
 * Resolves when all work has finished or the time is up. Unfinished work is reported.
 *
 * @param opened resolves when the gate opens for the waiting requests
 */
export async function finish(
  opened: Promise<unknown>,
  { msMax, replaced }: { readonly msMax: number; readonly replaced: boolean },
): Promise<void> {
  const begun = { deadlineMs: realNowMs() + msMax, replaced, opened: false, released: false };
  stop = begun;
  await opened;
  begun.opened = true;
  for (let turn = 0; turn < BEGIN_TURNS; turn++) await scheduler.wait(1);
  while (unfinished > 0 && realNowMs() < begun.deadlineMs) await scheduler.wait(FINISH_CHECK_MS);
  if (unfinished > 0) report({ type: "unfinished", function: functionName, tasks: unfinished });
  lastWord();
  begun.released = true;
}

function ignore(): void {}
