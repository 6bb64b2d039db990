import { Failure } from "../../failure/failure.js";

export interface ApiClientOptions {
  /** The API's address, with or without `/client/v4`. */
  readonly url: string;
  readonly token?: string | undefined;
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: Uint8Array | FormData;
}

/** The API refused or could not answer; `codes` are the Cloudflare dialect's. */
export class ApiFailure extends Failure {
  readonly status: number;
  readonly codes: readonly number[];

  constructor(
    message: string,
    options: { status: number; codes: readonly number[]; hint?: string | undefined },
  ) {
    super(message, { hint: options.hint });
    this.status = options.status;
    this.codes = options.codes;
  }
}
ApiFailure.prototype.name = "ApiFailure";

/** Requests to a running Kvasir, with its failures put into words. */
export class ApiClient {
  readonly url: string;
  readonly #token: string | undefined;

  constructor(options: ApiClientOptions) {
    this.url = parseUrl(options.url);
    this.#token = options.token === "" ? undefined : options.token;
  }

  /** @throws ApiFailure unless the status is 2xx */
  async request(request: ApiRequest): Promise<Response> {
    const headers = new Headers();
    if (this.#token !== undefined) headers.set("authorization", `Bearer ${this.#token}`);
    if (request.json !== undefined) headers.set("content-type", "application/json");
    const body = request.json === undefined ? request.body : JSON.stringify(request.json);
    const init: RequestInit = { method: request.method, headers };
    if (body !== undefined) init.body = body;
    const response = await this.#send(request.path, init);
    if (!response.ok) throw await this.#failureOf(response);
    return response;
  }

  /** The parsed JSON of a 2xx answer. */
  async json(request: ApiRequest): Promise<unknown> {
    const response = await this.request(request);
    try {
      return await response.json();
    } catch (cause) {
      throw new Failure(`${this.url} did not answer as Kvasir does.`, { hint: CHECK_URL, cause });
    }
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, init);
    } catch (cause) {
      throw new Failure(`There is no Kvasir at ${this.url}.`, {
        hint: "Start it with `kvasir dev` or `kvasir serve`, or check --url and KVASIR_URL.",
        cause,
      });
    }
  }

  async #failureOf(response: Response): Promise<ApiFailure> {
    const { message, codes, hint } = parseError(await response.text());
    const { status } = response;
    if (status === 401) {
      const problem = this.#token === undefined ? "needs a token" : "does not know this token";
      return new ApiFailure(`The server at ${this.url} ${problem}.`, {
        status,
        codes,
        hint: "Set KVASIR_TOKEN to one that `kvasir token create` printed.",
      });
    }
    if (status === 403) {
      return new ApiFailure("This token does not allow that.", {
        status,
        codes,
        hint: "Set KVASIR_TOKEN to a token with a larger scope, or one for this namespace.",
      });
    }
    if (message === undefined) {
      return new ApiFailure(`${this.url} answered ${status} ${response.statusText}.`.replace(/ \.$/, "."), {
        status,
        codes,
        hint: CHECK_URL,
      });
    }
    return new ApiFailure(message, { status, codes, hint });
  }
}

const CHECK_URL = "Check that --url or KVASIR_URL is the address that Kvasir prints after `api`.";

function parseUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Failure(`"${text}" is not a URL.`, { hint: "Give one such as http://127.0.0.1:8788." });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Failure(`"${text}" is not an http URL.`, { hint: "Give one such as http://127.0.0.1:8788." });
  }
  // People paste what they gave to wrangler, too.
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/client\/v4$/, "")}`;
}

interface ParsedError {
  readonly message: string | undefined;
  readonly codes: readonly number[];
  readonly hint: string | undefined;
}

/** Both error shapes: the Cloudflare envelope, and `{ error: { message, hint } }` of everything else. */
function parseError(text: string): ParsedError {
  const body = parseJson(text);
  const errors = arrayOf(property(body, "errors"));
  const error = property(body, "error") ?? errors[0];
  return {
    message: stringOf(property(error, "message")),
    codes: errors.map((item) => property(item, "code")).filter((code) => typeof code === "number"),
    hint: stringOf(property(error, "hint")),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
