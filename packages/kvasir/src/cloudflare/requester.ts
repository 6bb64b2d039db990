import { KvError } from "@kvasir/client/namespace";
import type { CloudflareAccess } from "./credentials.js";
import {
  ATTEMPTS_MAX,
  ERROR_LENGTH_MAX,
  REQUEST_TIMEOUT_MS,
  RETRY_DELAY_MS,
  RETRY_DELAY_MS_MAX,
  THROTTLED_ATTEMPTS_MAX,
  UPLOAD_BYTES_PER_MS_MIN,
} from "./limits.js";
import { RequestGate } from "./request-gate.js";
import { retryAfterMs } from "./retry-after.js";
import { isThrottling, type RequestSubject, serviceError } from "./service-error.js";
import { systemTimer, type Timer } from "./timer.js";

export interface RequesterOptions extends CloudflareAccess {
  /** @default the global one */
  readonly fetch?: typeof fetch | undefined;
  /** @default the system's */
  readonly timer?: Timer | undefined;
  /** Numbers from 0 to 1, which spread the repetitions of requests. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Called before nothing is sent for a while, with its length in milliseconds. */
  readonly onPause?: ((ms: number) => void) | undefined;
}

export interface ServiceRequest extends RequestSubject {
  readonly method?: string;
  /** Below the base URL. */
  readonly path: string;
  readonly contentType?: string | undefined;
  /** Made anew for each attempt, because what is sent may depend on the time. */
  readonly body?: (() => RequestInit["body"]) | undefined;
  /** For the time that the request may take. @default 0 */
  readonly bodyBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The part of a JSON response that its reader needs. */
export interface Envelope {
  readonly result: unknown;
  readonly result_info?: { readonly cursor?: unknown } | null;
}

/** What an attempt ended with, if it is worth another one. */
class Repeatable extends Error {
  readonly error: KvError;
  readonly throttled: boolean;
  readonly afterMs: number | undefined;

  constructor(
    error: KvError,
    { throttled = false, afterMs }: { throttled?: boolean; afterMs?: number } = {},
  ) {
    super(error.message);
    this.error = error;
    this.throttled = throttled;
    this.afterMs = afterMs;
  }
}

/**
 * Sends requests to Cloudflare's API. Everything that it sends can be repeated: reads, and writes that leave
 * the same behind when they are done twice.
 */
export class CloudflareRequester {
  readonly gate: RequestGate;
  readonly #options: RequesterOptions;
  readonly #timer: Timer;
  readonly #random: () => number;
  /** Whether the service has ever responded: a wrong address is reported at once. */
  #reached = false;

  constructor(options: RequesterOptions) {
    this.#options = options;
    this.#timer = options.timer ?? systemTimer;
    this.#random = options.random ?? Math.random;
    this.gate = new RequestGate({
      timer: this.#timer,
      limited: !isLoopback(options.baseUrl),
      onPause: options.onPause,
    });
  }

  nowMs(): number {
    return this.#timer.nowMs();
  }

  /** Sends, and reads a JSON response in the API's envelope. */
  envelope(request: ServiceRequest): Promise<Envelope> {
    return this.#send(request, async (response) => {
      const text = await response.text();
      const body = parsed(text);
      if (text.startsWith("<")) throw notTheApi(this.#options.baseUrl);
      if (body === undefined) throw new Repeatable(incomplete(this.#options.baseUrl));
      if (body.success === true) return body;
      throw serviceError({ status: response.status, statusText: response.statusText, body: text }, request);
    });
  }

  /** Sends, and reads a value. */
  value(request: ServiceRequest): Promise<{ readonly bytes: Uint8Array; readonly headers: Headers }> {
    return this.#send(request, async (response) => ({
      bytes: new Uint8Array(await response.arrayBuffer()),
      headers: response.headers,
    }));
  }

  async #send<T>(request: ServiceRequest, read: (response: Response) => Promise<T>): Promise<T> {
    let throttled = 0;
    for (let failed = 0; ; ) {
      try {
        return await this.gate.run(() => this.#attempt(request, read), request.signal);
      } catch (error) {
        if (!(error instanceof Repeatable)) throw error;
        if (error.throttled) throttled++;
        else failed++;
        if (failed >= ATTEMPTS_MAX || throttled >= THROTTLED_ATTEMPTS_MAX) throw error.error;
        const pauseMs = error.afterMs ?? this.#backOffMs(failed + throttled);
        if (error.throttled) this.gate.throttle(pauseMs);
        else await this.#timer.sleep(pauseMs, request.signal);
      }
    }
  }

  async #attempt<T>(request: ServiceRequest, read: (response: Response) => Promise<T>): Promise<T> {
    const { baseUrl, headers } = this.#options;
    const send = this.#options.fetch ?? fetch;
    const timeoutMs = REQUEST_TIMEOUT_MS + (request.bodyBytes ?? 0) / UPLOAD_BYTES_PER_MS_MIN;
    const late = AbortSignal.timeout(Math.ceil(timeoutMs));
    try {
      const response = await send(`${baseUrl}${request.path}`, {
        method: request.method ?? "GET",
        headers: {
          ...headers,
          ...(request.contentType !== undefined && { "Content-Type": request.contentType }),
        },
        ...(request.body !== undefined && { body: request.body() ?? null }),
        // Followed, a redirect could take the token elsewhere.
        redirect: "manual",
        signal: request.signal === undefined ? late : AbortSignal.any([late, request.signal]),
      });
      this.#reached = true;
      if (response.ok) return await read(response);
      throw await this.#refused(request, response);
    } catch (cause) {
      if (cause instanceof KvError || cause instanceof Repeatable || request.signal?.aborted) throw cause;
      const error = unreachable(baseUrl, cause);
      if (!this.#reached && WRONG_ADDRESS.test(reasonCode(cause))) throw error;
      throw new Repeatable(error);
    }
  }

  async #refused(request: ServiceRequest, response: Response): Promise<KvError | Repeatable> {
    const { status, statusText } = response;
    const body = this.#withoutSecrets((await response.text()).slice(0, ERROR_LENGTH_MAX));
    const error = serviceError({ status, statusText, body }, request);
    const afterMs = retryAfterMs(response.headers.get("Retry-After"), this.#timer.nowMs());
    if (isThrottling({ status, statusText, body })) {
      return new Repeatable(error, { throttled: true, ...(afterMs !== undefined && { afterMs }) });
    }
    if (status === 408 || (status >= 500 && status !== 501)) {
      return new Repeatable(error, afterMs === undefined ? {} : { afterMs });
    }
    return error;
  }

  /** A service may repeat what it was sent. */
  #withoutSecrets(text: string): string {
    return Object.values(this.#options.headers)
      .map((value) => value.replace(/^Bearer /, ""))
      .reduce((cleaned, secret) => cleaned.replaceAll(secret, "…"), text);
  }

  #backOffMs(attempt: number): number {
    const ms = Math.min(RETRY_DELAY_MS * 2 ** (attempt - 1), RETRY_DELAY_MS_MAX);
    return ms * (0.5 + this.#random());
  }
}

/**
 * Reasons for which a first request fails at once: waiting does not make the address right. No code: `fetch` has refused
 * the address itself.
 */
const WRONG_ADDRESS = /^$|^ECONNREFUSED$|^ENOTFOUND$|^EAI_AGAIN$|^EPROTO$|CERT|SSL|SIGNATURE/;

function unreachable(baseUrl: string, cause: unknown): KvError {
  const { host } = new URL(baseUrl);
  const code = reasonCode(cause);
  return new KvError("unavailable", `Cloudflare's API at ${host} cannot be reached${code && ` (${code})`}`, {
    hint: "Check the network, and CLOUDFLARE_API_BASE_URL if it is set.",
    cause,
  });
}

/** What `fetch` throws has the system's error as its cause. */
function reasonCode(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return String(cause?.code ?? (error as { code?: unknown }).code ?? "");
}

function incomplete(baseUrl: string): KvError {
  return new KvError("unavailable", `A response of ${new URL(baseUrl).host} is incomplete or not JSON`, {
    hint: "Check CLOUDFLARE_API_BASE_URL, which ends in /client/v4, or try again.",
  });
}

/** A page for people, of a proxy or a login: asking again gives the same. */
function notTheApi(baseUrl: string): KvError {
  return new KvError("route_not_found", `${new URL(baseUrl).host} answers with a page and not as an API`, {
    hint: "Check CLOUDFLARE_API_BASE_URL, which ends in /client/v4, and proxies on the way.",
  });
}

function parsed(text: string): (Envelope & { readonly success?: unknown }) | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? (body as Envelope) : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing hosted is on this machine, so nothing there counts requests in five minutes. */
function isLoopback(baseUrl: string): boolean {
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(baseUrl).hostname);
}
