import type { Dress } from "./dress.js";
import type { Model } from "./model.js";
import type { Response } from "./response.js";

/** The context of a connection's requests. */
export interface Surroundings {
  /** The prefix of all keys of this connection. */
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

/** The content of a request, independent of its form on the wire. */
export interface Content {
  readonly method: string;
  readonly path: string;
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly body?: Buffer | undefined;
  /** @default write; `null` sends none */
  readonly token?: TokenKind | null | undefined;
  /** Sent unchanged in place of everything else. */
  readonly raw?: Buffer | undefined;
}

/**
 * A request of a plan. Its operation is fixed. Its keys get their prefix, and its conditions their versions,
 * when it is sent.
 */
export interface PlannedRequest {
  readonly label: string;
  readonly dress: Dress;
  /** Whether it is sent only after all previous responses, because it uses a version from one of them. */
  readonly waits: boolean;
  /** Whether the server may end the connection because of it. */
  readonly mayEnd: boolean;
  content(around: Surroundings, model: Model): Content;
  /**
   * Applies to the model what the server must do.
   *
   * @param response `null` if there was none, so the server may not have reported a version.
   */
  execute(model: Model, response: Response | null, around: Surroundings): Expected;
}

/** The correct response. */
export interface Expected {
  readonly status: number | readonly number[];
  readonly body?: Buffer | undefined;
  /** The whole body, as JSON. */
  readonly json?: unknown;
  /** The code of an error: a name in the binding dialect, a number in Cloudflare's. */
  readonly error?: string | number | undefined;
  /** `null` means that the header must be absent. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /** Checks for further errors. */
  check?(response: Response): string | undefined;
  /** What the model found to be wrong, for example a version. */
  readonly wrong?: string | undefined;
  /** Whether the connection ends with it. @default never */
  readonly closes?: "never" | "always" | "maybe" | undefined;
}
