/**
 * What the middleware needs of Hono, as structure alone: Hono's own `Context` is one, so that what we return fits
 * `app.use(…)` without this package depending on Hono.
 */
export interface HonoContext {
  readonly req: {
    readonly method: string;
    readonly url: string;
    readonly raw: Request;
    header(name: string): string | undefined;
  };
  /** The answer; after `next()` the one that the handlers made. */
  res: Response;
  /** What a handler threw, after `next()`. */
  readonly error: Error | undefined;
  /** Throws where the platform has none, as in Node. */
  readonly executionCtx: { waitUntil(promise: Promise<unknown>): void };
  header(name: string, value?: string, options?: { append?: boolean }): void;
  set(key: string, value: unknown): void;
}

export type HonoNext = () => Promise<void>;

/** Fits `app.use(…)` of Hono. A `Response` ends the request there. */
export type HonoMiddleware<Context extends HonoContext = HonoContext> = (
  c: Context,
  next: HonoNext,
  // biome-ignore lint/suspicious/noConfusingVoidType: Hono's own type for "goes on" is Promise<void>
) => Promise<Response | void>;

/**
 * A recipe that is ready, or how to get it from the context: a Worker knows its bindings only per request. In
 * TypeScript name the context's type, `(c: Context<Env>) => …`: nothing else says what `c.env` holds.
 *
 * @see perBinding, which keeps one recipe for each binding
 */
export type FromContext<Recipe extends object, Context> = Recipe | ((c: Context) => Recipe);

/** The recipe itself. */
export function fromContext<Recipe extends object, Context>(
  recipe: FromContext<Recipe, Context>,
  c: Context,
): Recipe {
  // A recipe is an object, never a function, so there is nothing to mix up.
  return typeof recipe === "function" ? (recipe as (c: Context) => Recipe)(c) : recipe;
}

/** Where what outlives the answer goes: it is waited for where the platform can, and never left unhandled. */
export function waitUntil(c: Pick<HonoContext, "executionCtx">, work: Promise<unknown>): void {
  const settled = work.then(undefined, () => undefined);
  try {
    c.executionCtx.waitUntil(settled);
  } catch {
    // Node, Deno and Bun have no such context: there the process lives on, and the work with it.
  }
}
