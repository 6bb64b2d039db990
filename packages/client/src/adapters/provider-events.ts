type Listener = (details?: unknown) => unknown;

/** What the SDK of OpenFeature asks of a provider's events. */
export class ProviderEvents {
  readonly #listeners = new Map<string, Set<Listener>>();

  emit(event: string, details?: unknown): void {
    for (const listener of this.getHandlers(event)) listener(details);
  }

  addHandler(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  removeHandler(event: string, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  removeAllHandlers(event?: string): void {
    if (event === undefined) this.#listeners.clear();
    else this.#listeners.delete(event);
  }

  getHandlers(event: string): Listener[] {
    return [...(this.#listeners.get(event) ?? [])];
  }

  /** The SDK passes its logger. Nothing here logs. */
  setLogger(): this {
    return this;
  }
}
