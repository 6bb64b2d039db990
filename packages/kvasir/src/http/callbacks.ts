import { AsyncLocalStorage } from "node:async_hooks";

interface Followed {
  /** Fails the work and with it the request. */
  reject(error: unknown): void;
}

const followed = new AsyncLocalStorage<Followed>();
let following = 0;

/**
 * Runs `work` of one request with a library that runs callbacks in turns of the event loop of its own. An
 * exception there, even in the library's own code, reaches the process and not the request.
 * {@link failFollowed} assigns it to its request.
 *
 * Node tracks a request through turns at a price that all other requests pay too (see DESIGN.md). So use this
 * only for the few libraries that need it. Tracking stops when the last such work ends.
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

/** Fails the work that threw `error` outside its call chain. @returns whether there was such work */
export function failFollowed(error: unknown): boolean {
  const work = following === 0 ? undefined : followed.getStore();
  work?.reject(error);
  return work !== undefined;
}

/** Wraps a library's callback. What it throws goes to `reject`. */
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
