/**
 * The parts of an Express-style request that the helpers need. Requests of Express, of `node:http` and of
 * Kvasir's own Express-style functions have them.
 */
export interface ExpressRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The same for a response. */
export interface ExpressResponse {
  statusCode: number;
  readonly headersSent: boolean;
  /** Whether `end` was called. */
  readonly writableEnded?: boolean | undefined;
  getHeader(name: string): number | string | string[] | undefined;
  setHeader(name: string, value: string | string[]): unknown;
  removeHeader(name: string): unknown;
  writeHead?(status: number, ...rest: never[]): unknown;
  end(body?: string): unknown;
}

/** Without an argument, continues with the next handler. With an argument, reports an error. */
export type ExpressNext = (error?: unknown) => void;

/** A middleware for `app.use(…)` of Express and similar frameworks. Errors go to `next`. */
export type ExpressMiddleware<
  Request extends ExpressRequest = ExpressRequest,
  Response extends ExpressResponse = ExpressResponse,
> = (req: Request, res: Response, next: ExpressNext) => Promise<void>;

/** A recipe, or a function that gets it from the request. */
export type FromRequest<Recipe extends object, Request> = Recipe | ((req: Request) => Recipe);

/** Returns the recipe itself. */
export function fromRequest<Recipe extends object, Request>(
  recipe: FromRequest<Recipe, Request>,
  req: Request,
): Recipe {
  // A recipe is an object and never a function, so the two cases cannot be confused.
  return typeof recipe === "function" ? (recipe as (req: Request) => Recipe)(req) : recipe;
}

/** A header of the request. Repeated headers are joined as in HTTP. */
export function requestHeader(req: ExpressRequest, name: string): string | undefined {
  const value = req.headers[name.toLowerCase()];
  if (value === undefined || typeof value === "string") return value;
  return value.join(name.toLowerCase() === "cookie" ? "; " : ", ");
}

/** Adds a Set-Cookie header to the existing ones. */
export function addSetCookie(res: ExpressResponse, setCookie: string): void {
  const before = res.getHeader("Set-Cookie");
  const all = before === undefined ? [] : [before].flat().map(String);
  res.setHeader("Set-Cookie", [...all, setCookie]);
}
