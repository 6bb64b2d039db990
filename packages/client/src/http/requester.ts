import { KvError } from "../namespace/errors.js";
import { boundedText } from "./bounded-text.js";
import {
  ERROR_BODY_BYTES_MAX,
  REQUEST_TIMEOUT_MS,
  RETRIES,
  RETRY_DELAY_MS,
  RETRY_DELAY_MS_MAX,
} from "./limits.js";
import { wireError } from "./wire-error.js";

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** What `fetch` takes as a body; not every runtime's types have a name for it. */
export type Body = NonNullable<RequestInit["body"]>;

/** How requests are sent, which users may choose. */
export interface HttpOptions {
  /** @default the global `fetch` */
  readonly fetch?: Fetch | undefined;
  /**
   * How long to wait for a response, in milliseconds; 0: forever. Does not limit how long a streamed value or
   * a watch takes. Inside a function it must stay below the time that the function has (30 s, unless told
   * otherwise).
   * @default 25000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How often to repeat a read whose connection failed, or a request that the server refused for now.
   * @default 2
   */
  readonly retries?: number | undefined;
}

export interface RequesterOptions extends HttpOptions {
  /** The address that all paths follow, without a slash at its end. */
  readonly base: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body | undefined;
  /** The body is a stream: it can be sent once. */
  readonly streams?: boolean;
  /** Changes nothing, so it can be repeated when it is unknown whether it was done. */
  readonly safe?: boolean;
  /** Statuses, beside 2xx, that the caller understands. */
  readonly expects?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose body is still to be read, with the clock ticking. */
export interface Answer {
  readonly response: Response;
  /** Ends the timeout: the body is read, or is read by someone who takes the time it takes. */
  settle(): void;
}

/** Sends requests: with a timeout, repeating what is safe to repeat, errors as `KvError`. */
export class Requester {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetch: Fetch;
  readonly #timeoutMs: number;
  readonly #retries: number;

  constructor(options: RequesterOptions) {
    this.#base = options.base;
    this.#headers = options.headers ?? {};
    // Looked up at each call, so that a global that is patched later (by a test, by tracing) counts.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#retries = options.retries ?? RETRIES;
  }

  async send(path: string, options: RequestOptions = {}): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#attempt(path, options);
      } catch (error) {
        if (attempt >= this.#retries || !isRepeatable(error, options)) throw error;
        await pause(delayMs(attempt, error));
      }
    }
  }

  /** Sends, and reads the answer as a JSON object. */
  async json(path: string, options?: RequestOptions): Promise<{ response: Response; body: object }> {
    const { response, settle } = await this.send(path, options);
    try {
      return { response, body: await objectOf(response) };
    } finally {
      settle();
    }
  }

  /** Sends, and takes nothing from the answer but its head, which says all there is to say. */
  async head(path: string, options?: RequestOptions): Promise<Response> {
    const { response, settle } = await this.send(path, options);
    try {
      // Read all the same: cancelled, a body that has yet to come takes its connection with it.
      await boundedText(response, ERROR_BODY_BYTES_MAX).catch(() => {});
    } finally {
      settle();
    }
    return response;
  }

  /**
   * Whether `fetch` refused what it was given, before it sent anything: a header that cannot be, for example.
   */
  #isOwnFault(path: string, { method, headers, body, streams }: RequestOptions): boolean {
    try {
      new Request(this.#base + path, {
        method: method ?? "GET",
        headers: { ...this.#headers, ...headers },
        // A stream has been read by now, which is no fault.
        ...(body !== undefined && !streams && { body }),
      });
      return false;
    } catch {
      return true;
    }
  }

  async #attempt(path: string, options: RequestOptions): Promise<Answer> {
    const controller = new AbortController();
    const late = () => {
      const error = new KvError("unavailable", `No answer from ${this.#base} within ${this.#timeoutMs} ms`, {
        hint: "A write may have been made. Pass timeoutMs to wait longer.",
      });
      controller.abort(Object.assign(error, { [TIMED_OUT]: true }));
    };
    // How long a stream takes to send is up to who produces it.
    const timer = options.streams || this.#timeoutMs === 0 ? undefined : setTimeout(late, this.#timeoutMs);
    const settle = () => clearTimeout(timer);
    const abort = () => controller.abort(options.signal?.reason);
    options.signal?.addEventListener("abort", abort, { once: true });
    if (options.signal?.aborted) abort();
    try {
      const response = await this.#fetch(this.#base + path, {
        method: options.method ?? "GET",
        headers: { ...this.#headers, ...options.headers },
        signal: controller.signal,
        // Followed, a redirect could take the token elsewhere. Not "error": workerd does not know that.
        redirect: "manual",
        ...(options.body !== undefined && { body: options.body }),
        // Node refuses a stream as body without it; no lib knows it yet.
        ...(options.streams && ({ duplex: "half" } as object)),
      });
      if (response.ok || options.expects?.includes(response.status)) return { response, settle };
      throw Object.assign(await wireError(response), { [RETRY_AFTER]: response.headers.get("Retry-After") });
    } catch (error) {
      settle();
      if (error instanceof KvError || options.signal?.aborted || this.#isOwnFault(path, options)) throw error;
      throw new KvError("unavailable", `Could not reach ${this.#base}: ${reasonOf(error)}`, {
        cause: error,
        hint: "Is the server running, and is the URL its API's?",
      });
    }
  }
}

/** The JSON object that an answer holds. */
export async function objectOf(response: Response): Promise<object> {
  try {
    const body: unknown = await response.json();
    if (typeof body === "object" && body !== null) return body;
  } catch (cause) {
    if (cause instanceof KvError) throw cause;
    throw new KvError("unavailable", "The server's answer was cut off or is not JSON", { cause });
  }
  throw new KvError("internal", "The server's answer is not what was asked for", {
    hint: "Is the URL that of Kvasir's API?",
  });
}

const RETRY_AFTER = Symbol("Retry-After");
const TIMED_OUT = Symbol("timed out");

/**
 * Two codes say that nothing was done; after `unavailable` that is only known of a read. What timed out is
 * not repeated: the caller would wait for a multiple of the timeout.
 */
function isRepeatable(error: unknown, { safe, streams, signal }: RequestOptions): boolean {
  if (!(error instanceof KvError) || streams || signal?.aborted || TIMED_OUT in error) return false;
  if (error.code === "rate_limited" || error.code === "request_timeout") return true;
  return error.code === "unavailable" && safe === true;
}

function delayMs(attempt: number, error: unknown): number {
  const asked = (error as { [RETRY_AFTER]?: string | null })[RETRY_AFTER];
  const seconds = asked ? Number(asked) : Number.NaN;
  // Without the random part, clients that failed together would come back together.
  const own = RETRY_DELAY_MS * 2 ** attempt * (0.5 + Math.random());
  return Math.min(seconds >= 0 ? seconds * 1000 : own, RETRY_DELAY_MS_MAX);
}

export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  // Node says "fetch failed" and hides what happened in the cause.
  return cause?.message || message || String(error);
}
