/** Requests, and the objects that frameworks pass along with them, for which somebody read a session. */
const read = new WeakSet<object>();

/**
 * Says that the response to this request depends on its user, so that no cache between here and the handler shows it to
 * another. Headers alone cannot say it: the cache may look at the response before a middleware around it adds them.
 */
export function markPrivate(request: object): void {
  read.add(request);
}

export function isPrivate(request: object): boolean {
  return read.has(request);
}
