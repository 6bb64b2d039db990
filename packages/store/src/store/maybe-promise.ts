/**
 * A result that may be there already. The embedded engine reads synchronously, and the hot path does not pay
 * for a promise that it does not need.
 */
export type MaybePromise<T> = T | Promise<T>;
