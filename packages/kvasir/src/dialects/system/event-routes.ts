import { KvError } from "@kvasir/client/namespace";
import type { Change } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { Route } from "../../api/route.js";
import type { ServerSentEvent } from "../../http/event-stream.js";
import { EVENT_STREAMS_MAX } from "../../http/limits.js";
import { queryParam } from "../../http/query.js";

/** Changes of all namespaces in one stream. A browser opens only six connections to a server. */
export function eventRoutes({ store, eventStreams }: ApiContext): Route[] {
  return [
    {
      method: "GET",
      path: "/kvasir/events",
      operation: "events",
      access: "read",
      bound: "filtered",
      describe: {
        summary: "Watch the keys of all namespaces that the token may read",
        parameters: [
          { name: "since", description: "Watches from after this position.", schema: { type: "string" } },
        ],
        answer: {
          description:
            "Server-sent events `put`, `delete` and `expire` with namespace, key and version; the id is the position",
          content: { "text/event-stream": { type: "string" } },
        },
      },
      async handle(exchange) {
        if (eventStreams.size >= EVENT_STREAMS_MAX) {
          throw new KvError("unavailable", `There are ${EVENT_STREAMS_MAX} watches already`, {
            hint: "End some of them.",
          });
        }
        // A reconnecting EventSource repeats its URL and names the last event that it saw in a header.
        const resume = exchange.request.headers["last-event-id"];
        const asked = typeof resume === "string" ? resume : queryParam(exchange.query, "since");
        const since = asked ?? (await store.changes.position());
        const { namespaces } = exchange.matched.principal;
        await eventStreams.send(exchange, ({ signal, passed }) => {
          const changes = store.changes.watch({ since, signal, onPassed: passed });
          return events(changes, { since, isVisible: (id) => namespaces === null || namespaces.has(id) });
        });
      },
    },
  ];
}

async function* events(
  changes: AsyncIterable<Change>,
  { since, isVisible }: { readonly since: string; isVisible(namespace: string): boolean },
): AsyncGenerator<ServerSentEvent, void> {
  // First of all, so that a client that is cut off before anything has happened misses nothing either.
  yield { id: since };
  for await (const { type, namespace = "", key, version, position, more } of changes) {
    if (!isVisible(namespace)) continue;
    yield { id: position, event: type, data: JSON.stringify({ namespace, key, version, more }) };
  }
}
