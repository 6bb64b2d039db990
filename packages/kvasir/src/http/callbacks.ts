import { AsyncLocalStorage } from "node:async_hooks";

interface Followed {
  /** Fails the work, and with it the request. */
  reject(error: unknown): void;
}

const followed = new AsyncLocalStorage<Followed>();
let following = 0;

/**
 * Runs `work` of one request whose library calls back in turns of the event loop of its own. An exception there,
 * also in the library's own code, reaches the process and not the request; {@link failFollowed} takes it back to
 * the request that it belongs to.
 *
 * Node follows a request through turns at a price that all other requests pay too (see DESIGN.md), so this is for
 * the few libraries that need it, and following stops with the last of them.
 */
export async function followCallbacks<T>(work: () => Promise<T>): Promise<T> {
  following++;
  try {
    return await new Promise<T>((resolve, reject) => {
      followed.run({ reject }, () => work().then(resolve, reject));
    });
  } finally {
    if (--following === 0) followed.disable();
  }
}

/** Fails the work that threw `error` outside of its call chain. @returns whether there was one */
export function failFollowed(error: unknown): boolean {
  const work = following === 0 ? undefined : followed.getStore();
  work?.reject(error);
  return work !== undefined;
}

/** A library's callback; what it throws goes to `reject`. */
export function rejecting<Arguments extends readonly unknown[]>(
  reject: (error: unknown) => void,
  callback: (...given: Arguments) => void,
): (...given: Arguments) => void {
  return (...given) => {
    try {
      callback(...given);
    } catch (error) {
      reject(error);
    }
  };
}
