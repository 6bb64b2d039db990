/** Identifies a read: a namespace and a key or other query. */
export function questionOf(namespace: string, asked: string): string {
  return `${namespace}\0${asked}`;
}

/**
 * The part of a question that delays depend on. Namespace ids are random, and a repeated test must see the
 * same delays.
 */
export function askedOf(question: string): string {
  return question.slice(question.indexOf("\0") + 1);
}
