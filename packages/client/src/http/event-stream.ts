import { KvError } from "../namespace/errors.js";
import { EVENT_LINE_LENGTH_MAX } from "./limits.js";

/** One block of a server-sent event stream. */
export interface ServerEvent {
  /** The last id that the stream named; it also counts for events without one. */
  readonly id: string;
  /** @default "message" */
  readonly event: string;
  /** `undefined` for a block that only sets the id. */
  readonly data: string | undefined;
}

/**
 * Reads server-sent events as text arrives, cut wherever the network cut it. Unlike a browser's EventSource it
 * also reports blocks without data: they carry the id to resume from before anything happened.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventStreamParser {
  #rest = "";
  #id = "";
  #event = "";
  #data: string | undefined;
  #any = false;

  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > EVENT_LINE_LENGTH_MAX) {
      throw new KvError("internal", "The server sent an event that is too long");
    }
    for (const line of lines) {
      if (line !== "") this.#field(line);
      else if (this.#any) events.push(this.#take());
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    // A line that begins with a colon is a comment: a heartbeat.
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (name === "id") this.#id = value;
    else if (name === "event") this.#event = value;
    else if (name === "data") this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else return;
    this.#any = true;
  }

  #take(): ServerEvent {
    const event = { id: this.#id, event: this.#event || "message", data: this.#data };
    this.#event = "";
    this.#data = undefined;
    this.#any = false;
    return event;
  }
}
