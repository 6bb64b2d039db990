/** A key, or what else is asked, of one namespace. */
export function questionOf(namespace: string, asked: string): string {
  return `${namespace}\0${asked}`;
}

/** What a draw depends on. Ids of namespaces are random, and a test that runs again has to see the same delays. */
export function askedOf(question: string): string {
  return question.slice(question.indexOf("\0") + 1);
}
