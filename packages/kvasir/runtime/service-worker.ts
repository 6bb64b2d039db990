type Listener = (event: FetchEventLike) => void;

interface FetchEventLike {
  readonly type: "fetch";
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
  waitUntil(promise: Promise<unknown>): void;
  passThroughOnException(): void;
}

/**
 * Lets code in service-worker syntax run as a module: `addEventListener("fetch", …)` is collected, bindings become
 * globals. Call it before that code loads; the answer is the default export.
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
      let answer: Response | Promise<Response> | undefined;
      const event: FetchEventLike = {
        type: "fetch",
        request,
        respondWith(response) {
          answer = response;
        },
        waitUntil: (promise) => ctx.waitUntil(promise),
        passThroughOnException: () => undefined,
      };
      for (const listener of listeners) {
        if (answer === undefined) listener(event);
      }
      if (answer === undefined) throw new TypeError("No fetch listener called event.respondWith().");
      return answer;
    },
  };
}
