import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Conversation } from "./conversation.js";
import { asksFirst, dressed } from "./dress.js";
import { SILENCE_MS_MAX } from "./limits.js";
import type { Model } from "./model.js";
import { writePieces } from "./pieces.js";
import type { Ending, SessionPlan, Step } from "./plan.js";
import type { Surroundings } from "./planned-request.js";

export interface SessionOutcome {
  /** What was wrong, if anything. */
  readonly failure: string | undefined;
  /** The valid states of the connection's keys. */
  readonly models: readonly Model[];
  readonly answered: number;
  /** The requests and responses as sent, shortened. */
  readonly transcript: readonly string[];
}

export interface SessionOptions {
  readonly port: number;
  readonly around: Surroundings;
  /** How long the connection may wait without an expected byte, in milliseconds. @default SILENCE_MS_MAX */
  readonly silenceMsMax?: number | undefined;
}

/** Runs a plan on a connection of its own, and compares each response with the model. */
export async function runSession(plan: SessionPlan, options: SessionOptions): Promise<SessionOutcome> {
  const conversation = new Conversation(plan, options.around);
  await new Session(plan, conversation, options).run();
  const { failure, answered, transcript } = conversation;
  return { failure, answered, transcript, models: conversation.models() };
}

/** Where in the last request its client disconnects. */
type CutOff = Extract<Ending, { readonly share: number }>;

class Session {
  readonly #plan: SessionPlan;
  readonly #conversation: Conversation;
  readonly #around: Surroundings;
  readonly #silenceMsMax: number;
  readonly #socket: Socket;
  #watchdog: NodeJS.Timeout | undefined;
  #isLeaving = false;
  /** Called on every event, and at the end. */
  #wake: () => void = () => {};

  constructor(
    plan: SessionPlan,
    conversation: Conversation,
    { port, around, silenceMsMax = SILENCE_MS_MAX }: SessionOptions,
  ) {
    this.#plan = plan;
    this.#conversation = conversation;
    this.#around = around;
    this.#silenceMsMax = silenceMsMax;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    this.#socket.on("error", () => {});
    this.#socket.on("data", (bytes: Buffer) => {
      this.#watch();
      conversation.take(bytes);
      this.#wake();
    });
    this.#socket.on("end", () => {
      conversation.end();
      if (!this.#socket.writableEnded) this.#socket.end();
      this.#wake();
    });
    this.#socket.on("close", () => {
      conversation.close({ byClient: this.#isLeaving });
      this.#wake();
    });
    if (plan.readsLate) this.#socket.pause();
    this.#watch();
  }

  async run(): Promise<void> {
    const conversation = this.#conversation;
    try {
      await once(this.#socket, "connect");
      await this.#write();
      if (this.#isLeaving) return;
      if (this.#plan.ending.how === "half-closed after the last request") this.#socket.end();
      // A request that was cut off need not get a response.
      await this.#until(() => conversation.answered >= conversation.sent);
      if (!this.#socket.writableEnded) this.#socket.end();
      await this.#until(() => this.#socket.closed);
    } catch (error) {
      conversation.fail(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(this.#watchdog);
      this.#socket.destroy();
    }
  }

  async #write(): Promise<void> {
    const { steps, ending } = this.#plan;
    const conversation = this.#conversation;
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
        await this.#until(() => conversation.answered === at);
      }
      if (this.#isDone) return;
      const content = request.content(this.#around, conversation.model);
      const { head, body } = dressed(content, { dress: request.dress, around: this.#around });
      conversation.begin(request.label, { method: content.method, head, body });
      joined.push(head);
      if (asksFirst(request.dress, content.body)) {
        await flush(step);
        await this.#until(() => conversation.continued || conversation.answered > at);
        // The request was refused: its body is not sent, and the server cannot know where the next request
        // would begin.
        if (!conversation.continued) return;
        conversation.continued = false;
      }
      joined.push(body);
      if (isLast && "share" in ending) {
        const bytes = Buffer.concat(joined);
        return this.#cutOff(bytes, { step, ending, requestBytes: head.byteLength + body.byteLength });
      }
      conversation.sent = at + 1;
      if (!joins || isLast) await flush(step);
    }
  }

  /** Disconnects in the middle of the last request, whose bytes `bytes` ends with, or right after it. */
  async #cutOff(
    bytes: Buffer,
    { step, ending, requestBytes }: { step: Step; ending: CutOff; requestBytes: number },
  ): Promise<void> {
    const missing = requestBytes - Math.floor(requestBytes * ending.share);
    if (missing > 0) this.#conversation.cutOff();
    else this.#conversation.sent = this.#plan.steps.length;
    await writePieces(this.#socket, bytes.subarray(0, bytes.byteLength - missing), step);
    this.#conversation.transcript.push(`> ${ending.how}, ${missing} of ${requestBytes} bytes were not sent`);
    if (ending.how === "half-closed") {
      this.#socket.end();
      return;
    }
    this.#isLeaving = true;
    if (ending.how === "closed") this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  get #isDone(): boolean {
    return this.#conversation.isOver || this.#conversation.failure !== undefined || this.#socket.destroyed;
  }

  /** Waits until a response, or the end of the connection, makes `isSo` true. */
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
      const { label } = this.#plan.steps[this.#conversation.answered]?.request ?? { label: "the end" };
      this.#conversation.fail(`nothing came for ${this.#silenceMsMax / 1000} s, waiting for ${label}`);
      this.#socket.destroy();
      this.#wake();
    }, this.#silenceMsMax);
  }
}
