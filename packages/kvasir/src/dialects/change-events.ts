import type { Change } from "@kvasir/store";
import type { ApiExchange } from "../api/api-exchange.js";
import type { ServerSentEvent } from "../http/event-stream.js";
import { queryParam } from "../http/query.js";

/** The position from which a client wants to go on. `undefined`: from now on. */
export function askedPosition({ query, request }: ApiExchange): string | undefined {
  // A reconnecting EventSource repeats its URL and names the last event that it saw in a header.
  const resume = request.headers["last-event-id"];
  return typeof resume === "string" ? resume : queryParam(query, "since");
}

/** Changes as events. @param isVisible whether the client may see the changes of a namespace */
export async function* changeEvents(
  changes: AsyncIterable<Change>,
  since: string,
  isVisible: (namespace: string | undefined) => boolean = () => true,
): AsyncGenerator<ServerSentEvent, void> {
  // First of all, so that a client that is cut off before anything has happened misses nothing either.
  yield { id: since };
  for await (const { type, namespace, key, version, position, more } of changes) {
    if (!isVisible(namespace)) continue;
    yield { id: position, event: type, data: JSON.stringify({ namespace, key, version, more }) };
  }
}
