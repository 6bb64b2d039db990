import type { ApiContext } from "../../api/api-context.js";
import type { Route } from "../../api/route.js";
import { askedPosition, changeEvents } from "../change-events.js";

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
        const since = askedPosition(exchange) ?? (await store.changes.position());
        const { namespaces } = exchange.matched.principal;
        const isVisible = (id = "") => namespaces === null || namespaces.has(id);
        await eventStreams.send(exchange, ({ signal, passed }) =>
          changeEvents(store.changes.watch({ since, signal, onPassed: passed }), since, isVisible),
        );
      },
    },
  ];
}
