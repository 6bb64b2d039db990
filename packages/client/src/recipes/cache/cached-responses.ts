import type { OptionNames } from "../shared/option-names.js";
import { bypassMark, foundMark, missMark } from "./cache-status.js";
import type { CacheEntry, Content } from "./entry.js";
import { PASS_SECONDS, VARY_SECONDS } from "./limits.js";
import { unlessNotModified } from "./not-modified.js";
import { CACHING_OPTION_NAMES, type Caching, type CachingOptions } from "./options.js";
import { bypassReason, isSafe, type RequestRules, requestRules, unconditional } from "./request-rules.js";
import { readBody, storedBody } from "./response-body.js";
import { relatedUrls, responseKey, responseTag, urlOf, variantKey, varyNames } from "./response-key.js";
import { lifetimeOf } from "./response-lifetime.js";
import type { Computed, Obtained, SingleFlight } from "./single-flight.js";
import {
  answerText,
  keptHeaders,
  marked,
  parseAnswer,
  responseOf,
  type StoredAnswer,
  type StoredResponse,
} from "./stored-response.js";

export interface ResponseCachingOptions extends CachingOptions {
  /** The name under which the response is cached. @default the URL, including the query */
  readonly key?: ((request: Request) => string) | undefined;
  /**
   * Replaces a stale response, for frameworks in which the handler cannot be called again after the response.
   * `false`: stale responses are not served. @default calls the handler
   */
  readonly refresh?: ((request: Request) => Promise<unknown>) | false | undefined;
  /**
   * Whether the handler's response is for its user alone, regardless of its headers.
   *
   * @default never
   */
  readonly isPrivate?: (() => boolean) | undefined;
  /**
   * Whether a client may make the cache call the handler although it has a response: with `no-cache`,
   * `no-store`, `max-age` or `min-fresh` in `Cache-Control`, or with `Pragma`. @default false, as in CDNs
   */
  readonly clientsMayBypass?: boolean | undefined;
}

export const RESPONSE_CACHING_OPTION_NAMES: OptionNames<ResponseCachingOptions> = {
  ...CACHING_OPTION_NAMES,
  key: true,
  refresh: true,
  isPrivate: true,
  clientsMayBypass: true,
};

export type Handler = (request: Request) => Response | Promise<Response>;

type ResponseCaching = Caching &
  Pick<ResponseCachingOptions, "key" | "refresh" | "isPrivate" | "clientsMayBypass">;

/** A request on its way through the cache. */
interface Asked {
  readonly request: Request;
  readonly handler: Handler;
  readonly caching: ResponseCaching;
  readonly rules: RequestRules;
  /** The key for the URL. Responses that vary by request headers have longer keys. */
  readonly key: string;
  readonly askedMs: number;
}

export interface CachedResponsesOptions {
  readonly nowMs: () => number;
  readonly onError: (error: unknown, key: string) => void;
  /** Whether to call the handler after this error of the store. */
  readonly passes: (error: unknown) => boolean;
}

/** Implements the rules of HTTP for a shared cache (RFC 9111) on top of {@link SingleFlight}. */
export class CachedResponses {
  readonly #flight: SingleFlight;
  readonly #nowMs: () => number;
  readonly #options: CachedResponsesOptions;

  constructor(flight: SingleFlight, options: CachedResponsesOptions) {
    this.#flight = flight;
    this.#nowMs = options.nowMs;
    this.#options = options;
  }

  async answer(request: Request, handler: Handler, caching: ResponseCaching): Promise<Response> {
    const name = (caching.key ?? urlOf)(request);
    const obeys = caching.clientsMayBypass === true;
    const reason = bypassReason(request, obeys);
    if (reason !== undefined) {
      const response = await handler(request);
      // RFC 9111, 4.4: a successful change of a resource invalidates its cached responses.
      if (!isSafe(request.method) && response.status < 400) {
        const others = caching.key === undefined ? relatedUrls(request, response) : [];
        await this.#invalidate([name, ...others]).catch((error: unknown) => {
          // The change itself was made, and an error would say that it was not.
          if (!this.#options.passes(error)) throw error;
          this.#options.onError(error, name);
        });
      }
      return marked(response, bypassMark(reason));
    }
    const rules = requestRules(request, obeys);
    const key = await responseKey(request, name);
    const tags = [...caching.tags, await responseTag(name)];
    let begun = false;
    const once: Handler = (request) => {
      begun = true;
      return handler(request);
    };
    const asked = {
      request,
      handler: once,
      caching: { ...caching, tags },
      rules,
      key,
      askedMs: this.#nowMs(),
    };
    try {
      if (request.method === "HEAD" || rules.onlyIfCached) return await this.#answerFromCache(asked);
      return await this.#answerOnce(asked);
    } catch (error) {
      if (begun || !this.#options.passes(error)) throw error;
      return rules.onlyIfCached ? notCached() : marked(await handler(request), bypassMark("bypass"));
    }
  }

  async #invalidate(names: readonly string[]): Promise<void> {
    await this.#flight.invalidate(await Promise.all(names.map(responseTag)));
  }

  async #answerFromCache(asked: Asked): Promise<Response> {
    const { request, handler, rules, caching } = asked;
    const response = await this.#following(asked, (key) =>
      this.#flight.peek({ key, tags: caching.tags, accepts: (entry) => this.#accepts(asked, entry) }),
    );
    if (response === null) {
      return rules.onlyIfCached ? notCached() : marked(await handler(request), NOT_STORED);
    }
    if (request.method !== "HEAD") return response;
    return new Response(null, { status: response.status, headers: response.headers });
  }

  async #answerOnce(asked: Asked): Promise<Response> {
    const { request, handler, caching } = asked;
    const { refresh, tags, waitUntil } = caching;
    let own: Response | undefined;
    const response = await this.#following(asked, async (key, names) => {
      const obtained = await this.#flight.obtain({
        key,
        tags,
        waitUntil,
        failureMs: 0,
        accepts: (entry) => this.#accepts(asked, entry),
        refresh: refresh && (() => refresh(request)),
        compute: async () => {
          const { response, computed } = await this.#compute(asked, key, names);
          own = response;
          return computed;
        },
      });
      return obtained.own ? null : obtained;
    });
    if (response !== null) return response;
    // Either this call's own response, or none that can be shared: then each request calls its handler.
    return own ?? marked(await handler(request), NOT_STORED);
  }

  /** Finds a response by following the header names in `Vary`. Returns `null` if no response matches. */
  async #following(
    { key, request }: Asked,
    look: (key: string, names: readonly string[]) => Promise<Obtained | null>,
  ): Promise<Response | null> {
    let names: readonly string[] = [];
    // The names may change while we look, so the number of steps is bounded.
    for (let looks = 0; looks < 3; looks++) {
      const obtained = await look(names.length === 0 ? key : await variantKey(key, request, names), names);
      const entry = obtained?.entry ?? null;
      const answer = entry === null ? null : parseAnswer(entry.payload);
      if (obtained === null || entry === null || answer === null || answer.kind === "pass") return null;
      if (answer.kind === "vary") {
        names = answer.names;
        continue;
      }
      return unlessNotModified(request, this.#found(answer, entry, obtained.status));
    }
    return null;
  }

  #found(answer: StoredResponse, entry: CacheEntry, status: Obtained["status"]): Response {
    const mark = foundMark(status, entry.freshUntilMs - this.#nowMs());
    return responseOf(answer, mark, Math.floor(this.#ageMs(answer, entry) / 1000));
  }

  #ageMs({ ageMs }: StoredResponse, { storedAtMs }: CacheEntry): number {
    return ageMs + Math.max(0, this.#nowMs() - storedAtMs);
  }

  #accepts({ rules, caching, askedMs }: Asked, entry: CacheEntry): boolean {
    const answer = parseAnswer(entry.payload);
    if (answer === null) return false;
    if (answer.kind !== "response") return true;
    const freshMs = entry.freshUntilMs - this.#nowMs();
    if (freshMs <= 0 && caching.refresh === false) return false;
    if (rules.noCache && entry.storedAtMs < askedMs) return false;
    if (rules.freshMsMin > 0 && freshMs < rules.freshMsMin) return false;
    return rules.noCache || this.#ageMs(answer, entry) <= rules.ageMsMax;
  }

  /**
   * Calls the handler and decides what to store under `key`, which includes the header names known so far.
   */
  async #compute(
    { request, handler, caching, key: urlKey }: Asked,
    key: string,
    known: readonly string[],
  ): Promise<{ readonly response: Response; readonly computed: Computed }> {
    const response = await handler(unconditional(request));
    const isPrivate = () => caching.isPrivate?.() === true;
    const lifetime = isPrivate() ? null : lifetimeOf(request, response, caching, this.#nowMs());
    const varies = key !== urlKey;
    const unstored = missMark({ stored: false, varies });
    const unshared = (response: Response) => ({
      response: marked(response, unstored),
      computed: { content: pass(response) },
    });
    if (lifetime === null) return unshared(response);
    const body = await readBody(response.body);
    if ("rest" in body) return unshared(new Response(body.rest, response));
    // A handler that streams may have read the session while it did.
    if (isPrivate()) {
      return unshared(new Response(body.bytes.length === 0 ? null : body.bytes, response));
    }
    const stored: StoredResponse = {
      kind: "response",
      status: response.status,
      statusText: response.statusText,
      headers: keptHeaders(response.headers),
      ageMs: lifetime.ageMs,
      body: storedBody(body.bytes),
    };
    const age = response.headers.has("Age") ? Math.floor(lifetime.ageMs / 1000) : undefined;
    const answer = unlessNotModified(request, responseOf(stored, missMark({ stored: true, varies }), age));
    const content = contentOf(stored, lifetime);
    const names = [...new Set([...known, ...varyNames(response.headers)])].sort();
    if (names.length === known.length) return { response: answer, computed: { content } };
    const variant = { key: await variantKey(urlKey, request, names), content };
    const vary = contentOf({ kind: "vary", names }, { freshMs: VARY_SECONDS * 1000, staleMs: 0 });
    const computed =
      key === urlKey
        ? { content: vary, others: [variant] }
        : { content: null, others: [{ key: urlKey, content: vary }, variant] };
    return { response: answer, computed };
  }
}

/** The response to a request with `only-if-cached`. */
function notCached(): Response {
  return marked(new Response(null, { status: 504 }), { xCache: "MISS", parameters: "" });
}

const NOT_STORED = missMark({ stored: false, varies: false });

function contentOf(answer: StoredAnswer, lifetime: Omit<Content, "payload">): Content {
  return { payload: answerText(answer), freshMs: lifetime.freshMs, staleMs: lifetime.staleMs };
}

/** A passing error or a 304 says nothing about the next response, so it is not remembered. */
function pass({ status }: Response): Content {
  const lasting = status < 500 && status !== 304;
  return contentOf({ kind: "pass" }, { freshMs: lasting ? PASS_SECONDS * 1000 : 0, staleMs: 0 });
}
