import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { asksFirst, dressed } from "./dress.js";
import { wrongWith } from "./judge.js";
import { SILENCE_MS_MAX } from "./limits.js";
import { Model } from "./model.js";
import { writePieces } from "./pieces.js";
import type { Ending, SessionPlan, Step } from "./plan.js";
import type { Surroundings } from "./planned-request.js";
import { type Response, ResponseReader } from "./response.js";
import { requestText, responseText } from "./transcript.js";

export interface SessionOutcome {
  /** What was wrong, if anything was. */
  readonly failure: string | undefined;
  /** What the connection's keys may hold now: after the answered requests, and after each more that was sent whole. */
  readonly models: readonly Model[];
  readonly answered: number;
  /** Requests and responses as they went over the wire, shortened. */
  readonly transcript: readonly string[];
}

export interface SessionOptions {
  readonly port: number;
  readonly around: Surroundings;
  /** How long it may go without a byte that it waits for, in milliseconds. @default SILENCE_MS_MAX */
  readonly silenceMsMax?: number | undefined;
}

/** Runs a plan on a connection of its own, and holds each response to the model. */
export async function runSession(plan: SessionPlan, options: SessionOptions): Promise<SessionOutcome> {
  const session = new Session(plan, options);
  await session.run();
  return { ...session, failure: session.failure, models: session.models() };
}

class Session {
  failure: string | undefined;
  answered = 0;
  readonly transcript: string[] = [];
  readonly #plan: SessionPlan;
  readonly #around: Surroundings;
  readonly #silenceMsMax: number;
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  readonly #model = new Model();
  /** Methods of the requests that were begun, in order. */
  readonly #methods: string[] = [];
  /** Requests that were handed to the socket whole. */
  #sent = 0;
  /** The last request was not sent whole. */
  #cut = false;
  /** The server wants the body of the request under way. */
  #continued = false;
  /** No more responses will come, rightly so. */
  #over = false;
  #watchdog: NodeJS.Timeout | undefined;
  /** Woken by each response and by the end. */
  #wake: () => void = () => {};

  constructor(plan: SessionPlan, { port, around, silenceMsMax = SILENCE_MS_MAX }: SessionOptions) {
    this.#plan = plan;
    this.#silenceMsMax = silenceMsMax;
    this.#around = around;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.#onClose());
    this.#socket.on("end", () => this.#onEnd());
    this.#socket.on("data", (bytes: Buffer) => this.#onData(bytes));
    if (plan.readsLate) this.#socket.pause();
    this.#watch();
  }

  /** States that the connection's keys may rightly be in. */
  models(): Model[] {
    const models = [this.#model];
    if (this.#over) return models;
    for (const { request } of this.#plan.steps.slice(this.answered, this.#sent)) {
      const next = new Model(models.at(-1));
      request.execute(next, null, this.#around);
      models.push(next);
      // Nothing may follow.
      if (request.dress.last !== "no") break;
    }
    return models;
  }

  async run(): Promise<void> {
    const { ending } = this.#plan;
    try {
      await once(this.#socket, "connect");
      await this.#write();
      this.#socket.resume();
      if (ending.how === "closed" || ending.how === "reset") return;
      if (ending.how === "half-closed after the last request") this.#socket.end();
      // Of a request that was cut off nothing has to come back.
      await this.#until(() => this.answered >= this.#sent);
      if (!this.#socket.writableEnded) this.#socket.end();
      await this.#until(() => this.#socket.closed);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(this.#watchdog);
      this.#socket.destroy();
    }
  }

  async #write(): Promise<void> {
    const { steps, ending } = this.#plan;
    let joined: Buffer[] = [];
    const flush = async (step: Step) => {
      const bytes = Buffer.concat(joined);
      joined = [];
      await writePieces(this.#socket, bytes, step);
    };
    for (const [at, step] of steps.entries()) {
      const { request, joins } = step;
      const isLast = at === steps.length - 1;
      if (request.waits || request.dress.expects) {
        await flush(step);
        await this.#until(() => this.answered === at);
      }
      if (this.#isDone) return;
      const content = request.content(this.#around, this.#model);
      const { head, body } = dressed(content, { dress: request.dress, around: this.#around });
      // What is cut off may be refused with a body, whatever its method.
      this.#methods.push(isLast && "share" in ending && ending.share < 1 ? "GET" : content.method);
      this.transcript.push(requestText(request.label, head, body));
      joined.push(head);
      if (asksFirst(request.dress, content.body)) {
        await flush(step);
        await this.#until(() => this.#continued || this.answered > at);
        // Refused: the body is not sent, and where the next request begins the server cannot know.
        if (!this.#continued) return;
        this.#continued = false;
      }
      joined.push(body);
      if (isLast && "share" in ending) {
        const bytes = Buffer.concat(joined);
        return this.#cutOff(bytes, { step, ending, requestBytes: head.byteLength + body.byteLength });
      }
      this.#sent = at + 1;
      if (!joins || isLast) await flush(step);
    }
  }

  /** Leaves in the middle of the last request, with which `bytes` end. */
  async #cutOff(
    bytes: Buffer,
    {
      step,
      ending,
      requestBytes,
    }: { step: Step; ending: Extract<Ending, { share: number }>; requestBytes: number },
  ): Promise<void> {
    const missing = requestBytes - Math.floor(requestBytes * ending.share);
    this.#cut = missing > 0;
    if (!this.#cut) this.#sent = this.#plan.steps.length;
    await writePieces(this.#socket, bytes.subarray(0, bytes.byteLength - missing), step);
    this.transcript.push(`> ${ending.how}, ${missing} of ${requestBytes} bytes were not sent`);
    if (ending.how === "half-closed") this.#socket.end();
    else if (ending.how === "closed") this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  get #isDone(): boolean {
    return this.#over || this.failure !== undefined || this.#socket.destroyed;
  }

  #onData(bytes: Buffer): void {
    this.#watch();
    this.#reader.push(bytes);
    this.#judgeAll();
  }

  #judgeAll(): void {
    try {
      while (!this.#isDone) {
        const method = this.#methods[this.answered];
        if (method === undefined) break;
        const response = this.#reader.next(method);
        if (response === null) break;
        this.#judge(response, method);
      }
      const isDue = this.answered < this.#methods.length && !this.#over;
      if (!isDue && this.failure === undefined && this.#reader.rest.byteLength > 0) {
        this.#fail(
          `bytes that belong to no response: ${JSON.stringify(this.#reader.rest.toString("latin1", 0, 200))}`,
        );
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
    this.#wake();
  }

  #judge(response: Response, method: string): void {
    const { request } = this.#plan.steps[this.answered] as Step;
    const { dress } = request;
    this.transcript.push(responseText(response));
    if (response.status === 100) {
      if (!dress.expects || this.#continued)
        this.#fail("100 Continue for a request that does not wait for it");
      this.#continued = true;
      return;
    }
    const isCutOff = this.#cut && this.answered === this.#plan.steps.length - 1;
    // A request that is not there whole can only be refused, and changes nothing.
    const expected =
      isCutOff && response.status >= 400
        ? ({ status: response.status, closes: "maybe" } as const)
        : request.execute(this.#model, response, this.#around);
    const wrong = wrongWith(response, expected, { method, dress });
    if (wrong !== undefined) this.#fail(`${request.label}: ${wrong}`);
    this.answered++;
    if (response.closes) this.#over = true;
  }

  #onEnd(): void {
    this.#reader.end();
    this.#judgeAll();
    if (!this.#socket.writableEnded) this.#socket.end();
  }

  #onClose(): void {
    const { steps } = this.#plan;
    if (!this.#hasLeft && !this.#mayBeReset && this.answered < this.#sent && !this.#over) {
      this.#fail(`the connection ended without a response to ${steps[this.answered]?.request.label}`);
    }
    this.#wake();
  }

  /** Whether it was the client that ended the connection. */
  get #hasLeft(): boolean {
    const { ending, steps } = this.#plan;
    const leaves = ending.how === "closed" || ending.how === "reset";
    return leaves && this.#methods.length === steps.length;
  }

  /**
   * Whether the server may have ended the connection while more was sent: its system then answers with a reset, which
   * may overtake responses that this process had not read.
   */
  get #mayBeReset(): boolean {
    const begun = this.#plan.steps.slice(this.answered, this.#methods.length);
    const ending = begun.findIndex(({ request }) => request.mayEnd);
    return ending !== -1 && ending < begun.length - 1;
  }

  /** Waits for what a response, or the end of the connection, brings about. */
  async #until(isSo: () => boolean): Promise<void> {
    this.#socket.resume();
    while (!isSo() && !this.#isDone && !this.#socket.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      const { request } = this.#plan.steps[this.answered] ?? {};
      this.#fail(
        `nothing came for ${this.#silenceMsMax / 1000} s, waiting for ${request?.label ?? "the end"}`,
      );
      this.#socket.destroy();
    }, this.#silenceMsMax);
  }

  #fail(what: string): void {
    this.failure ??= `at request ${this.answered + 1}: ${what}`;
    this.#wake();
  }
}
