import { isDeepStrictEqual } from "node:util";
import { SETTLE_MS_MAX } from "./limits.js";
import type { Change, Model } from "./model.js";
import type { Target } from "./target.js";

/** Watches the changes under a prefix, on a connection of its own. */
export class Watcher {
  readonly #changes: Change[] = [];
  readonly #prefix: string;
  readonly #leave = new AbortController();
  #arrived: () => void = () => {};

  private constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The watch has begun when it resolves. */
  static async start(target: Target, prefix: string): Promise<Watcher> {
    const watcher = new Watcher(prefix);
    const { binding } = target.surroundings(prefix);
    const response = await target.api.fetch(`${binding}/?watch=true&prefix=${encodeURIComponent(prefix)}`, {
      signal: watcher.#leave.signal,
    });
    if (response.status !== 200 || response.body === null) {
      throw new Error(`A watch was answered ${response.status}: ${await response.text()}`);
    }
    watcher.#read(response.body).catch(() => watcher.#arrived());
    return watcher;
  }

  /**
   * Stops watching. Returns what is wrong, unless the changes are exactly those of one of the models, in
   * order.
   */
  async stop(models: readonly Model[], settleMsMax = SETTLE_MS_MAX): Promise<string | undefined> {
    const patience = AbortSignal.timeout(settleMsMax);
    patience.addEventListener("abort", () => this.#arrived());
    const isRight = () => models.some(({ changes }) => isDeepStrictEqual(changes, this.#changes));
    while (!isRight() && !patience.aborted && !this.#leave.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    this.#leave.abort();
    if (isRight()) return undefined;
    const texts = [this.#changes, ...models.map(({ changes }) => changes)].map((changes) =>
      changes.map(({ type, key }) => `${type} ${key.slice(0, 20)}`).join(", "),
    );
    return `a watch saw [${texts[0]}], not [${texts.at(-1)}]`;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const bytes of body) {
      const events = (text + decoder.decode(bytes, { stream: true })).split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) this.#take(event);
    }
  }

  #take(event: string): void {
    const type = /^event: (.*)$/m.exec(event)?.[1];
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (type === undefined || data === undefined) return;
    const { key } = JSON.parse(data) as { readonly key: string };
    this.#changes.push({ type, key: key.slice(this.#prefix.length) });
    this.#arrived();
  }
}
