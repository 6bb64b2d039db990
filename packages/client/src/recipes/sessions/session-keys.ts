import { recipeKey } from "../shared/key.js";

/** Identifies a session. `handle` stands for its id. */
export interface SessionPlace {
  readonly handle: string;
  readonly userId?: string | undefined;
}

/** The keys of sessions and of the index by user, under one prefix. */
export class SessionKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  session(handle: string): string {
    return recipeKey(this.#prefix, "id", handle);
  }

  /**
   * The common prefix of the entries in the user's index.
   *
   * @throws KvError `key_too_long`, `key_invalid`
   */
  user(userId: string): string {
    return `${recipeKey(this.#prefix, "user", userId)}:`;
  }

  /** @throws KvError `key_too_long`, `key_invalid` */
  indexed(userId: string, handle: string): string {
    return recipeKey(this.#prefix, "user", userId, handle);
  }

  /** All keys of a session. */
  of({ handle, userId }: SessionPlace): readonly string[] {
    const session = this.session(handle);
    return userId === undefined ? [session] : [session, this.indexed(userId, handle)];
  }
}
