import { type JournalLine, nowUs, type Outcome, type Request, type Told } from "./history.js";

/**
 * What a client tells its parent, a line for each event. An operation is written down before it begins, so that
 * it is known also when the client is killed in the middle of it.
 */
export class Journal {
  readonly #write: (line: string) => void;
  #lastId = 0;

  /** @param write must have passed on the line when it returns */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Returns the operation's number. */
  begin(request: Request): number {
    const began = ++this.#lastId;
    this.#line({ began, atUs: nowUs(), request });
    return began;
  }

  end(ended: number, outcome: Outcome): void {
    this.#line({ ended, atUs: nowUs(), outcome });
  }

  told(told: Told, position: string): void {
    this.#line({ told, position });
  }

  passed(position: string): void {
    this.#line({ passed: position });
  }

  #line(line: JournalLine): void {
    this.#write(`${JSON.stringify(line)}\n`);
  }
}
