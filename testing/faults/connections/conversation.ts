import { wrongWith } from "./judge.js";
import { Model } from "./model.js";
import type { SessionPlan, Step } from "./plan.js";
import type { Expected, Surroundings } from "./planned-request.js";
import { type Response, ResponseReader } from "./response.js";
import { requestText, responseText } from "./transcript.js";

/** A request that is not there whole can only be refused, and changes nothing. */
const REFUSED = { status: [400, 401, 403, 404, 405, 408, 409, 413, 414, 431], closes: "maybe" } as const;

/** What was sent on a connection and what came back, held to the model. Knows no socket. */
export class Conversation {
  /** What was wrong first. */
  failure: string | undefined;
  /** Requests that were answered. */
  answered = 0;
  /** The server wants the body of the request that waits for leave to send it. */
  continued = false;
  /** No more responses will come, rightly so. */
  isOver = false;
  /** Requests that were sent whole. */
  sent = 0;
  readonly model = new Model();
  /** Requests and responses as they went over the wire, shortened. */
  readonly transcript: string[] = [];
  readonly #plan: SessionPlan;
  readonly #around: Surroundings;
  readonly #reader = new ResponseReader();
  /** Methods of the requests that were begun, in order. */
  readonly #methods: string[] = [];
  #isCut = false;

  constructor(plan: SessionPlan, around: Surroundings) {
    this.#plan = plan;
    this.#around = around;
  }

  /** The next request is sent, or some of it. */
  begin(label: string, { method, head, body }: { method: string; head: Buffer; body: Buffer }): void {
    this.#methods.push(method);
    this.transcript.push(requestText(label, head, body));
  }

  /** The last request is not sent whole. */
  cutOff(): void {
    this.#isCut = true;
    // It may be refused with a body, whatever its method.
    this.#methods[this.#plan.steps.length - 1] = "GET";
  }

  /** Bytes have come. */
  take(bytes: Buffer): void {
    this.#reader.push(bytes);
    this.#judgeAll();
  }

  /** The server sends no more. */
  end(): void {
    this.#reader.end();
    this.#judgeAll();
  }

  /** The connection is gone. */
  close({ byClient }: { readonly byClient: boolean }): void {
    if (byClient || this.isOver || this.#mayBeReset || this.answered >= this.sent) return;
    this.fail(`the connection ended without a response to ${this.#current.request.label}`);
  }

  fail(what: string): void {
    this.failure ??= `at request ${this.answered + 1}: ${what}`;
  }

  /** What the connection's keys may hold now: after the answered requests, and after each more that was sent whole. */
  models(): Model[] {
    const models = [this.model];
    if (this.isOver) return models;
    for (const { request } of this.#plan.steps.slice(this.answered, this.sent)) {
      const next = new Model(models.at(-1));
      request.execute(next, null, this.#around);
      models.push(next);
      // Nothing may follow.
      if (request.dress.last !== "no") break;
    }
    return models;
  }

  get #current(): Step {
    return this.#plan.steps[this.answered] as Step;
  }

  #judgeAll(): void {
    try {
      while (this.failure === undefined && !this.isOver) {
        const method = this.#methods[this.answered];
        const response = method === undefined ? null : this.#reader.next(method);
        if (method === undefined || response === null) break;
        this.#judge(response, method);
      }
      const { rest } = this.#reader;
      const isDue = this.answered < this.#methods.length && !this.isOver;
      if (!isDue && rest.byteLength > 0) {
        this.fail(`bytes that belong to no response: ${JSON.stringify(rest.toString("latin1", 0, 200))}`);
      }
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  #judge(response: Response, method: string): void {
    const { request } = this.#current;
    const { dress } = request;
    this.transcript.push(responseText(response));
    if (response.status === 100) {
      if (!dress.expects || this.continued) this.fail("100 Continue that nobody waits for");
      this.continued = true;
      return;
    }
    const isCutOff = this.#isCut && this.answered === this.#plan.steps.length - 1;
    const expected: Expected = isCutOff ? REFUSED : request.execute(this.model, response, this.#around);
    const wrong = wrongWith(response, expected, { method, dress });
    if (wrong !== undefined) this.fail(`${request.label}: ${wrong}`);
    this.answered++;
    if (response.closes) this.isOver = true;
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
}
