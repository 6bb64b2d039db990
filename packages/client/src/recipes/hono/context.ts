/**
 * The parts of Hono that the middleware needs. Hono's own `Context` has them, so our middleware fits
 * `app.use(…)` although this package does not depend on Hono.
 */
export interface HonoContext {
  readonly req: {
    readonly method: string;
    readonly url: string;
    readonly raw: Request;
    header(name: string): string | undefined;
  };
  /** The response. After `next()` it is the one of the handlers. */
  res: Response;
  /** The error that a handler threw, after `next()`. */
  readonly error: Error | undefined;
  /** Throws on platforms without one, for example Node. */
  readonly executionCtx: { waitUntil(promise: Promise<unknown>): void };
  header(name: string, value?: string, options?: { append?: boolean }): void;
  set(key: string, value: unknown): void;
}

export type HonoNext = () => Promise<void>;

/** A middleware for `app.use(…)` of Hono. A returned `Response` ends the request. */
export type HonoMiddleware<Context extends HonoContext = HonoContext> = (
  c: Context,
  next: HonoNext,
  // biome-ignore lint/suspicious/noConfusingVoidType: Hono's own type for "continue" is Promise<void>
) => Promise<Response | void>;

/**
 * A recipe, or a function that gets it from the context: a Worker knows its bindings only during a
 * request. In TypeScript, declare the type of the context, `(c: Context<Env>) => …`, because the type
 * of `c.env` cannot be inferred.
 *
 * @see perBinding, which keeps one recipe for each binding
 */
export type FromContext<Recipe extends object, Context> = Recipe | ((c: Context) => Recipe);

/** Returns the recipe itself. */
export function fromContext<Recipe extends object, Context>(
  recipe: FromContext<Recipe, Context>,
  c: Context,
): Recipe {
  // A recipe is an object and never a function, so the two cases cannot be confused.
  return typeof recipe === "function" ? (recipe as (c: Context) => Recipe)(c) : recipe;
}

/** Keeps work alive after the response, if the platform can. Rejections are always handled. */
export function waitUntil(c: Pick<HonoContext, "executionCtx">, work: Promise<unknown>): void {
  const settled = work.then(undefined, () => undefined);
  try {
    c.executionCtx.waitUntil(settled);
  } catch {
    // Node, Deno and Bun have no such context. Their process continues, and so does the work.
  }
}
