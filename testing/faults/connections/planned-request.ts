import type { Dress } from "./dress.js";
import type { Model } from "./model.js";
import type { Response } from "./response.js";

/** What a connection's requests are about. */
export interface Surroundings {
  /** With which all keys of this connection begin. */
  readonly prefix: string;
  /** `/binding/{namespace}` */
  readonly binding: string;
  /** `/client/v4/…/namespaces/{namespace}` */
  readonly cloudflare: string;
  readonly host: string;
  readonly tokens: Readonly<Record<TokenKind, string>>;
}

/** `foreign` is bound to another namespace. */
export type TokenKind = "write" | "read" | "foreign" | "wrong";

/** A request before it is dressed for the wire. */
export interface Content {
  readonly method: string;
  readonly path: string;
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly body?: Buffer | undefined;
  /** @default write; `null`: none is sent */
  readonly token?: TokenKind | null | undefined;
  /** Sent as it is, instead of all the rest. */
  readonly raw?: Buffer | undefined;
}

/** A request of a plan. What it asks for is fixed; keys get their prefix, and conditions their versions, when it is sent. */
export interface PlannedRequest {
  readonly label: string;
  readonly dress: Dress;
  /** Sent once all before it were answered: it names a version that one of them told. */
  readonly waits: boolean;
  /** The server may end the connection because of it. */
  readonly mayEnd: boolean;
  content(around: Surroundings, model: Model): Content;
  /**
   * Does to the model what the server has to do.
   *
   * @param response `null`: none came, so the server may tell no version
   */
  execute(model: Model, response: Response | null, around: Surroundings): Expected;
}

/** The right response. */
export interface Expected {
  readonly status: number | readonly number[];
  readonly body?: Buffer | undefined;
  /** The whole body, as JSON. */
  readonly json?: unknown;
  /** The code of an error: a name in the binding dialect, a number in Cloudflare's. */
  readonly error?: string | number | undefined;
  /** `null`: must not be there. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /** What else is wrong with it. */
  check?(response: Response): string | undefined;
  /** What the model found wrong, with a version for example. */
  readonly wrong?: string | undefined;
  /** Whether the connection ends with it. @default never */
  readonly closes?: "never" | "always" | "maybe" | undefined;
}
