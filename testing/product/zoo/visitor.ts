import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { fetch as fetchWithUpgrade } from "miniflare";

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** What the status must be, so that two equal failures do not pass for success. @default 200 */
  readonly status?: number;
  /** What the body must contain, for the same reason. */
  readonly shows?: string;
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
    const [method = "GET", path = "/"] = what.split(" ");
    const { body, headers = {} } = options;
    const response = await new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>(
      (resolve, reject) => {
        const sent = request(`${this.#url}${path}`, { method, headers, agent: this.#agent }, (message) => {
          const { statusCode: status = 0, headers } = message;
          buffer(message).then((body) => resolve({ status, headers, body }), reject);
        });
        sent.setTimeout(20_000, () => sent.destroy(new Error(`No response to ${what} within 20 s`)));
        sent.on("error", reject).end(body);
      },
    );
    const text = response.body.toString("utf8");
    const isText = Buffer.from(text).equals(response.body);
    return this.#keep(what, options, {
      ...response,
      body: isText ? text : `hex ${response.body.toString("hex")}`,
    });
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
