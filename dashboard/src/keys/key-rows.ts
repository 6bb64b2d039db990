import type { KVNamespace, KVNamespaceListKey } from "@kvasir/client";

export type KeyRow = KVNamespaceListKey<unknown>;

/** More rows than this do not fit below each other: a browser ends an element at about 33 million pixels. */
export const ROWS_MAX = 900_000;
/** When fewer rows than this are left below the last one that is shown, the next page is loaded. */
const ROWS_AHEAD = 500;

/** The keys of a range, loaded page by page as they come into view. */
export class KeyRows {
  readonly rows: KeyRow[] = [];
  isComplete = false;
  error: unknown;
  isLoading = false;
  readonly #namespace: KVNamespace;
  readonly #query: { readonly prefix: string; readonly reverse: boolean };
  readonly #changed: () => void;
  #cursor: string | undefined;
  #isStopped = false;

  constructor(
    namespace: KVNamespace,
    query: { readonly prefix: string; readonly reverse: boolean },
    changed: () => void,
  ) {
    this.#namespace = namespace;
    this.#query = query;
    this.#changed = changed;
  }

  /** Loads the next page if the rows up to `last` are shown. */
  async reach(last: number): Promise<void> {
    const { rows, isComplete, isLoading, error } = this;
    if (isLoading || isComplete || this.#isStopped || error !== undefined) return;
    if (last < rows.length - ROWS_AHEAD || rows.length >= ROWS_MAX) return;
    this.isLoading = true;
    try {
      const page = await this.#namespace.list({ ...this.#query, cursor: this.#cursor });
      if (this.#isStopped) return;
      for (const key of page.keys) rows.push(key);
      this.isComplete = page.list_complete;
      this.#cursor = page.list_complete ? undefined : page.cursor;
    } catch (failure) {
      this.error = failure;
    } finally {
      this.isLoading = false;
      if (!this.#isStopped) this.#changed();
    }
  }

  retry(): void {
    this.error = undefined;
    void this.reach(this.rows.length);
  }

  /** Another range has taken its place. */
  stop(): void {
    this.#isStopped = true;
  }
}
