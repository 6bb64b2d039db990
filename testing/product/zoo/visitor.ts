import { once } from "node:events";
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { fetch as fetchWithUpgrade } from "miniflare";

const RESPONSE_MS_MAX = 20_000;
const ATTEMPTS_MAX = 200;

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** What the status must be, so that two equal failures do not pass for success. @default 200 */
  readonly status?: number;
  /** What the body must contain, for the same reason. */
  readonly shows?: string;
  /** Sends the request again until the response is like this: for what a Worker does after its response. */
  readonly until?: (response: Pick<Exchange, "headers" | "body">) => boolean;
  /** What each run makes anew, such as tokens: replaced before the runs are compared. */
  readonly hide?: readonly RegExp[];
}

/** A request and the response to it. */
export interface Exchange {
  readonly request: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly hide: readonly RegExp[];
}

/** Sends the same requests to whichever server runs the Worker, and keeps the responses. */
export class Visitor {
  readonly exchanges: Exchange[] = [];
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** @param url where the Worker responds, without a slash at its end */
  constructor(url: string) {
    this.#url = url;
  }

  /** @param what method and path: `GET /search?q=a` */
  readonly send = async (what: string, options: SendOptions = {}): Promise<Exchange> => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#request(what, options);
      if (attempt === ATTEMPTS_MAX || options.until?.(response) !== false) {
        return this.#keep(what, options, response);
      }
    }
  };

  /** Opens a WebSocket, sends each message once the reply to the one before is there, and closes it. */
  readonly talk = async (
    path: string,
    messages: readonly string[],
    options: SendOptions = {},
  ): Promise<Exchange> => {
    const headers = { ...options.headers, upgrade: "websocket" };
    const { webSocket, status } = await fetchWithUpgrade(`${this.#url}${path}`, { headers });
    if (webSocket === null) throw new Error(`${path} did not switch to a WebSocket, but responded ${status}`);
    const replies: string[] = [];
    let onReply = () => {};
    webSocket.addEventListener("message", ({ data }) => {
      replies.push(
        typeof data === "string" ? data : `hex ${Buffer.from(new Uint8Array(data)).toString("hex")}`,
      );
      onReply();
    });
    const closed = new Promise<void>((resolve) => webSocket.addEventListener("close", () => resolve()));
    webSocket.accept();
    for (const message of messages) {
      const replied = new Promise<void>((resolve) => {
        onReply = resolve;
      });
      webSocket.send(message);
      await Promise.race([replied, closed]);
    }
    webSocket.close(1000, "bye");
    return this.#keep(
      `WS ${path}`,
      { status: 101, ...options },
      { status, headers: {}, body: replies.join("\n") },
    );
  };

  close(): void {
    this.#agent.destroy();
  }

  async #request(what: string, { body, headers = {} }: SendOptions) {
    const [method = "GET", path = "/"] = what.split(" ");
    const sent = request(`${this.#url}${path}`, { method, headers, agent: this.#agent });
    sent.setTimeout(RESPONSE_MS_MAX, () => sent.destroy(new Error(`No response to ${what}`)));
    const responded = once(sent, "response") as Promise<[IncomingMessage]>;
    sent.end(body);
    const [message] = await responded;
    const bytes = await buffer(message);
    const text = bytes.toString("utf8");
    const isText = Buffer.from(text).equals(bytes);
    return {
      status: message.statusCode ?? 0,
      headers: message.headers,
      body: isText ? text : `hex ${bytes.toString("hex")}`,
    };
  }

  #keep(
    what: string,
    { status = 200, shows = "", hide = [] }: SendOptions,
    response: Pick<Exchange, "status" | "headers" | "body">,
  ): Exchange {
    const exchange = { request: what, hide, ...response };
    this.exchanges.push(exchange);
    if (response.status !== status || !response.body.includes(shows)) {
      const expected = `${status}${shows === "" ? "" : ` with "${shows}"`}`;
      throw new Error(
        `${what}: expected ${expected}, got ${response.status}: ${response.body.slice(0, 2_000)}`,
      );
    }
    return exchange;
  }
}
