import type { KvasirEvent } from "kvasir";

/** Events in order of arrival, and a way to wait for one. */
export class Events {
  readonly all: KvasirEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #seen = 0;

  readonly sink = (event: KvasirEvent): void => {
    this.all.push(event);
    for (const look of this.#waiting) look();
  };

  /** The next event that contains the text and that no earlier call has returned or skipped. */
  async next<Name extends KvasirEvent["event"]>(
    name: Name,
    text: string | RegExp = "",
  ): Promise<Extract<KvasirEvent, { event: Name }>> {
    const pattern = typeof text === "string" ? { test: (json: string) => json.includes(text) } : text;
    return new Promise((resolve) => {
      const look = () => {
        for (let at = this.#seen; at < this.all.length; at++) {
          const event = this.all[at] as KvasirEvent;
          if (event.event !== name || !pattern.test(JSON.stringify(event))) continue;
          this.#seen = at + 1;
          this.#waiting.delete(look);
          resolve(event as Extract<KvasirEvent, { event: Name }>);
          return;
        }
      };
      this.#waiting.add(look);
      look();
    });
  }
}
