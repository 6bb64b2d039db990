import { type KvError, statusOf } from "@kvasir/client/namespace";
import type { NamespaceUsage } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { LastBackup } from "../../api/last-backup.js";
import type { Dialect } from "../../api/route.js";
import { errorBody } from "../../http/error-body.js";
import { clockRoutes } from "./clock-routes.js";
import { type CheckData, dataRoutes } from "./data-routes.js";
import { eventRoutes } from "./event-routes.js";
import { sessionRoutes } from "./session-routes.js";
import { tokenRoutes } from "./token-routes.js";
import { transferRoutes } from "./transfer-routes.js";
import { usageRoutes } from "./usage-routes.js";

const JSON_OBJECT = { "application/json": { type: "object" } };

export interface SystemSources {
  readonly context: ApiContext;
  metrics(): Promise<{ readonly text: string; readonly contentType: string }>;
  usage(): Promise<readonly NamespaceUsage[]>;
  openApi(): object;
  /** @default the store checks itself, which blocks this process meanwhile */
  readonly checkData?: CheckData | undefined;
  /** Absent if this server makes no backups. */
  readonly lastBackup?: (() => LastBackup) | undefined;
}

/**
 * Routes of the server itself: health, readiness, metrics, the API's description, tokens, its data as a whole, a test's
 * clock.
 */
export function systemDialect({
  context,
  metrics,
  usage,
  openApi,
  checkData,
  lastBackup,
}: SystemSources): Dialect {
  let document: string | undefined;
  return {
    name: "kvasir",
    prefix: "",
    renderError: renderSystemError,
    routes: [
      {
        method: "GET",
        path: "/healthz",
        operation: "health",
        access: "open",
        describe: {
          summary: "Whether the server responds, its store can be read and its files are where they were",
          answer: { description: "It does. Otherwise 503, with the reason", content: JSON_OBJECT },
        },
        async handle(exchange) {
          context.readiness.checkNotDraining();
          await context.store.health();
          const body = {
            status: "ok",
            ...(lastBackup === undefined ? {} : { lastBackup: shown(lastBackup()) }),
          };
          exchange.sendJson(200, body, ["Cache-Control", "no-store"]);
        },
      },
      {
        method: "GET",
        path: "/readyz",
        operation: "readiness",
        access: "open",
        describe: {
          summary: "Whether requests should be sent to this server: it is healthy and its functions run",
          answer: { description: "They should. Otherwise 503, with the reason", content: JSON_OBJECT },
        },
        async handle(exchange) {
          context.readiness.checkNotDraining();
          context.readiness.checkStarted();
          await context.store.health();
          exchange.sendJson(200, { status: "ready" }, ["Cache-Control", "no-store"]);
        },
      },
      {
        method: "GET",
        path: "/metrics",
        operation: "metrics",
        access: "read",
        // The figures concern the whole server.
        bound: "refused",
        describe: {
          summary: "Metrics for Prometheus",
          answer: { description: "Metrics", content: { "text/plain": { type: "string" } } },
        },
        async handle(exchange) {
          const { text, contentType } = await metrics();
          await exchange.sendText(200, ["Content-Type", contentType], text);
        },
      },
      {
        method: "GET",
        path: "/openapi.json",
        operation: "openapi",
        access: "open",
        describe: {
          summary: "This document",
          answer: { description: "An OpenAPI 3.1 document", content: JSON_OBJECT },
        },
        handle(exchange) {
          // The same each time, and a hundred times the work of another small response.
          document ??= JSON.stringify(openApi());
          return exchange.sendText(200, ["Content-Type", "application/json; charset=utf-8"], document);
        },
      },
      ...sessionRoutes(),
      ...usageRoutes(usage),
      ...eventRoutes(context),
      ...tokenRoutes(context),
      ...transferRoutes(context),
      ...dataRoutes(context, checkData),
      ...clockRoutes(context),
    ],
  };
}

function shown({ atMs, ageSeconds }: LastBackup) {
  return { at: atMs === null ? null : new Date(atMs).toISOString(), ageSeconds };
}

function renderSystemError(exchange: ApiExchange, error: KvError): void {
  const headers = ["Content-Type", "application/json; charset=utf-8"];
  if (error.code === "unauthorized") headers.push("WWW-Authenticate", "Bearer");
  exchange.sendError(statusOf(error.code), headers, errorBody(error));
}
