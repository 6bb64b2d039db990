import { wrongWith } from "./judge.js";
import { Model } from "./model.js";
import type { SessionPlan, Step } from "./plan.js";
import type { Expected, Surroundings } from "./planned-request.js";
import { type Response, ResponseReader } from "./response.js";
import { requestText, responseText } from "./transcript.js";

/** An incomplete request can only be refused, and changes nothing. */
const REFUSED = { status: [400, 401, 403, 404, 405, 408, 409, 413, 414, 431], closes: "maybe" } as const;

/** Compares the requests and responses of a connection with the model. Does not know the socket. */
export class Conversation {
  /** The first error. */
  failure: string | undefined;
  /** The number of complete responses. */
  answered = 0;
  /** Whether the server asks for the body of the waiting request. */
  continued = false;
  /** Whether no more responses will come, as expected. */
  isOver = false;
  /** The number of requests that were sent completely. */
  sent = 0;
  readonly model = new Model();
  /** The requests and responses as sent, shortened. */
  readonly transcript: string[] = [];
  readonly #plan: SessionPlan;
  readonly #around: Surroundings;
  readonly #reader = new ResponseReader();
  /** The methods of the requests that were begun, in order. */
  readonly #methods: string[] = [];
  #isCut = false;

  constructor(plan: SessionPlan, around: Surroundings) {
    this.#plan = plan;
    this.#around = around;
  }

  /** Call it when the next request is sent, completely or partly. */
  begin(label: string, { method, head, body }: { method: string; head: Buffer; body: Buffer }): void {
    this.#methods.push(method);
    this.transcript.push(requestText(label, head, body));
  }

  /** Call it when the last request is not sent completely. */
  cutOff(): void {
    this.#isCut = true;
    // It may be refused with a body, whatever its method.
    this.#methods[this.#plan.steps.length - 1] = "GET";
  }

  /** Call it when bytes have arrived. */
  take(bytes: Buffer): void {
    this.#reader.push(bytes);
    this.#judgeAll();
  }

  /** Call it when the server has ended its side. */
  end(): void {
    this.#reader.end();
    this.#judgeAll();
  }

  /** Call it when the connection is closed. */
  close({ byClient }: { readonly byClient: boolean }): void {
    if (byClient || this.isOver || this.#mayBeReset || this.answered >= this.sent) return;
    this.fail(`the connection ended without a response to ${this.#current.request.label}`);
  }

  fail(what: string): void {
    this.failure ??= `at request ${this.answered + 1}: ${what}`;
  }

  /**
   * The valid states of the connection's keys: after the requests with responses, and after each further
   * complete request.
   */
  models(): Model[] {
    const models = [this.model];
    if (this.isOver) return models;
    for (const { request } of this.#plan.steps.slice(this.answered, this.sent)) {
      const next = new Model(models.at(-1));
      request.execute(next, null, this.#around);
      models.push(next);
      // No request may follow.
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
   * Whether the server may have ended the connection while the client was still sending. The server's system
   * then sends a reset, which may overtake responses that this process has not read.
   */
  get #mayBeReset(): boolean {
    const begun = this.#plan.steps.slice(this.answered, this.#methods.length);
    const ending = begun.findIndex(({ request }) => request.mayEnd);
    return ending !== -1 && ending < begun.length - 1;
  }
}
