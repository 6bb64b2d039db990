import type { ScheduledController } from "./scheduled.js";

type Listener = (event: never) => unknown;

interface FetchEventLike {
  readonly type: "fetch";
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
  waitUntil(promise: Promise<unknown>): void;
  passThroughOnException(): void;
}

/** What a listener of `scheduled` gets. */
class ScheduledEvent extends Event {
  readonly cron: string;
  readonly scheduledTime: number;
  readonly noRetry: () => void;
  readonly waitUntil: (promise: Promise<unknown>) => void;

  constructor(controller: ScheduledController, ctx: ExecutionContext) {
    super("scheduled");
    this.cron = controller.cron;
    this.scheduledTime = controller.scheduledTime;
    this.noRetry = () => controller.noRetry();
    this.waitUntil = (promise) => ctx.waitUntil(promise);
  }
}

/**
 * Runs code in service-worker syntax as a module. It collects the listeners of `fetch` and `scheduled` events and
 * turns bindings into globals. Call it before that code loads. The result is the default export.
 */
export function serviceWorker(env: Readonly<Record<string, unknown>>): object {
  const fetchListeners: Listener[] = [];
  const scheduledListeners: Listener[] = [];
  const add = globalThis.addEventListener.bind(globalThis);
  Object.assign(globalThis, env);
  globalThis.addEventListener = ((type: string, listener: Listener, ...rest: []) => {
    if (type === "fetch") fetchListeners.push(listener);
    else if (type === "scheduled") scheduledListeners.push(listener);
    else add(type, listener as unknown as EventListener, ...rest);
  }) as typeof globalThis.addEventListener;

  return {
    /** Read after the code has run: without listeners the Worker handles no such events. */
    get scheduled() {
      if (scheduledListeners.length === 0) return undefined;
      return (controller: ScheduledController, _env: unknown, ctx: ExecutionContext) => {
        const event = new ScheduledEvent(controller, ctx);
        for (const listener of scheduledListeners) listener(event as never);
      };
    },

    async fetch(request: Request, _env: unknown, ctx: ExecutionContext) {
      let responding: Response | Promise<Response> | undefined;
      const event: FetchEventLike = {
        type: "fetch",
        request,
        respondWith(response) {
          responding = response;
        },
        waitUntil: (promise) => ctx.waitUntil(promise),
        passThroughOnException: () => undefined,
      };
      for (const listener of fetchListeners) {
        if (responding === undefined) listener(event as never);
      }
      if (responding === undefined) throw new TypeError("No fetch listener called event.respondWith().");
      return responding;
    },
  };
}
