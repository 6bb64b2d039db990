import { generatedPositionFor, LEAST_UPPER_BOUND, TraceMap } from "@jridgewell/trace-mapping";
import { type ClientOptions, WebSocket } from "ws";

type Params = Readonly<Record<string, unknown>>;

interface Event {
  readonly method: string;
  readonly params: Params;
}

/** A debugger: speaks the Chrome DevTools Protocol, and finds places through source maps as editors do. */
export class Debugger {
  readonly #socket: WebSocket;
  readonly #responses = new Map<
    number,
    (message: { result?: Params; error?: { message: string } }) => void
  >();
  readonly #events: Event[] = [];
  #notify = () => {};
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const message = JSON.parse(String(data));
      if (message.id === undefined) this.#events.push(message);
      else this.#responses.get(message.id)?.(message);
      this.#notify();
    });
  }

  static async attach(url: string, options?: ClientOptions): Promise<Debugger> {
    const socket = new WebSocket(url, options);
    const attached = new Debugger(socket);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return attached;
  }

  async ask(method: string, params: Params = {}): Promise<Params> {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await new Promise<{ result?: Params; error?: { message: string } }>((resolve) =>
      this.#responses.set(id, resolve),
    );
    if (result === undefined) throw new Error(error?.message);
    return result;
  }

  /** The next event with this name. Earlier events are skipped. */
  async next(method: string, matches: (params: Params) => boolean = () => true): Promise<Params> {
    for (;;) {
      for (const event of this.#events.splice(0, this.#found(method, matches) + 1)) {
        if (event.method === method && matches(event.params)) return event.params;
      }
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    }
  }

  /** Where a line of a source, counted from 1, is in the next script whose source map names it. */
  async placeOf(source: string, line: number) {
    const { url, sourceMapURL } = await this.next("Debugger.scriptParsed", ({ sourceMapURL }) =>
      String(sourceMapURL).startsWith("data:"),
    );
    const map = JSON.parse(Buffer.from(String(sourceMapURL).split(",")[1] ?? "", "base64").toString());
    const place = generatedPositionFor(new TraceMap(map), {
      source,
      line,
      column: 0,
      bias: LEAST_UPPER_BOUND,
    });
    if (place.line === null) throw new Error(`${source}:${line} is in no script of ${map.sources}.`);
    return { map, location: { url, lineNumber: place.line - 1, columnNumber: place.column } };
  }

  close(): void {
    this.#socket.close();
  }

  #found(method: string, matches: (params: Params) => boolean): number {
    return this.#events.findIndex((event) => event.method === method && matches(event.params));
  }
}
