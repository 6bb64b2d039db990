/** Requests for which a session was read, and the objects that frameworks pass along with them. */
const read = new WeakSet<object>();

/**
 * Marks the response to this request as dependent on its user, so that no cache between here and the
 * handler shares it. Headers alone are not enough: the cache may see the response before a
 * middleware around it adds them.
 */
export function markPrivate(request: object): void {
  read.add(request);
}

export function isPrivate(request: object): boolean {
  return read.has(request);
}
