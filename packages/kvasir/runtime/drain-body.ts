/**
 * Reads the rest of a request's body that a Worker called by another Worker left unread, as wrangler does. Without
 * it the caller's own copy of the body (`request.clone()`) never ends: workerd reads both copies in step.
 */
export function drainBody(request: unknown, response: unknown, ctx: ExecutionContext | undefined): void {
  if (!(request instanceof Request) || request.body === null || request.bodyUsed || request.body.locked)
    return;
  // The caller reads it as the response.
  if (response instanceof Response && response.body === request.body) return;
  // The caller may have gone, and with it the rest of the body.
  ctx?.waitUntil(readAll(request.body.getReader()).catch(() => undefined));
}

/** Old compatibility dates have no `WritableStream` to pipe to. */
async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}
