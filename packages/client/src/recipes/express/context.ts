/**
 * What the helpers need of an Express-style request, as structure alone: those of Express, of `node:http` and of
 * Kvasir's own Express-style functions are such.
 */
export interface ExpressRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The same of an answer. */
export interface ExpressResponse {
  statusCode: number;
  readonly headersSent: boolean;
  getHeader(name: string): number | string | string[] | undefined;
  setHeader(name: string, value: string | string[]): unknown;
  removeHeader(name: string): unknown;
  writeHead?(status: number, ...rest: never[]): unknown;
  end(body?: string): unknown;
}

/** Without an argument: on to the next handler. With one: that went wrong. */
export type ExpressNext = (error?: unknown) => void;

/** Fits `app.use(…)` of Express and of what is like it. Failures go to `next`. */
export type ExpressMiddleware<
  Request extends ExpressRequest = ExpressRequest,
  Response extends ExpressResponse = ExpressResponse,
> = (req: Request, res: Response, next: ExpressNext) => Promise<void>;

/** A recipe that is ready, or how to get it from the request. */
export type FromRequest<Recipe extends object, Request> = Recipe | ((req: Request) => Recipe);

/** The recipe itself. */
export function fromRequest<Recipe extends object, Request>(
  recipe: FromRequest<Recipe, Request>,
  req: Request,
): Recipe {
  // A recipe is an object, never a function, so there is nothing to mix up.
  return typeof recipe === "function" ? (recipe as (req: Request) => Recipe)(req) : recipe;
}

/** A header of the request; several of one name are joined as HTTP joins them. */
export function requestHeader(req: ExpressRequest, name: string): string | undefined {
  const value = req.headers[name.toLowerCase()];
  if (value === undefined || typeof value === "string") return value;
  return value.join(name.toLowerCase() === "cookie" ? "; " : ", ");
}

/** Adds a Set-Cookie header beside those that are there. */
export function addSetCookie(res: ExpressResponse, setCookie: string): void {
  const before = res.getHeader("Set-Cookie");
  const all = before === undefined ? [] : [before].flat().map(String);
  res.setHeader("Set-Cookie", [...all, setCookie]);
}
