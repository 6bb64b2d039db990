type Listener = (event: FetchEventLike) => void;

interface FetchEventLike {
  readonly type: "fetch";
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
  waitUntil(promise: Promise<unknown>): void;
  passThroughOnException(): void;
}

/**
 * Runs code in service-worker syntax as a module. It collects the listeners of `addEventListener("fetch", …)`
 * and turns bindings into globals. Call it before that code loads. The result is the default export.
 */
export function serviceWorker(env: Readonly<Record<string, unknown>>): { fetch: unknown } {
  const listeners: Listener[] = [];
  const add = globalThis.addEventListener.bind(globalThis);
  Object.assign(globalThis, env);
  globalThis.addEventListener = ((type: string, listener: Listener, ...rest: []) => {
    if (type === "fetch") listeners.push(listener);
    else add(type, listener as unknown as EventListener, ...rest);
  }) as typeof globalThis.addEventListener;

  return {
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
      for (const listener of listeners) {
        if (responding === undefined) listener(event);
      }
      if (responding === undefined) throw new TypeError("No fetch listener called event.respondWith().");
      return responding;
    },
  };
}
