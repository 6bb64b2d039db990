import { KvError } from "@kvasir/client/namespace";
import type { NamespaceRecord } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Route } from "../../api/route.js";
import { isRecord, readJson } from "../../http/body.js";
import { queryParam } from "../../http/query.js";
import { envelopeSchema, sendDone, sendResult } from "./envelope.js";
import { pageOf, sendPage } from "./pages.js";
import { checkAccount, NAMESPACE, NAMESPACES } from "./paths.js";

const NAMESPACE_SCHEMA = {
  type: "object",
  required: ["id", "title"],
  properties: {
    id: { type: "string" },
    title: { type: "string", maxLength: 512 },
    supports_url_encoding: { type: "boolean" },
  },
};
const TITLE_BODY = {
  "application/json": {
    type: "object",
    required: ["title"],
    properties: { title: { type: "string", minLength: 1, maxLength: 512 } },
  },
};

export function namespaceRoutes({ catalog }: ApiContext): Route[] {
  const answersOne = { description: "The namespace", content: envelopeSchema(NAMESPACE_SCHEMA) };
  return [
    {
      method: "GET",
      path: NAMESPACES,
      operation: "listNamespaces",
      access: "read",
      bound: "filtered",
      describe: {
        summary: "List namespaces",
        parameters: [
          { name: "page", description: "From 1.", schema: { type: "integer", minimum: 1, default: 1 } },
          {
            name: "per_page",
            description: "Namespaces of a page.",
            schema: { type: "integer", minimum: 1, maximum: 1000, default: 20 },
          },
          { name: "order", description: "Sorts by.", schema: { enum: ["id", "title"], default: "id" } },
          { name: "direction", description: "Sorts so.", schema: { enum: ["asc", "desc"], default: "asc" } },
        ],
        answer: {
          description: "A page of namespaces, empty past the end",
          content: envelopeSchema({ type: "array", items: NAMESPACE_SCHEMA }),
        },
      },
      async handle(exchange) {
        checkAccount(exchange);
        const { query } = exchange;
        const { principal } = exchange.matched;
        const page = pageOf(exchange);
        const order = oneOf(query, "order", ["id", "title"] as const);
        const direction = oneOf(query, "direction", ["asc", "desc"] as const);
        const among = principal.namespaces ?? undefined;
        const { namespaces, total } = await catalog.list({ ...page, order, direction, among });
        await sendPage(exchange, namespaces.map(wireNamespace), { ...page, total });
      },
    },
    {
      method: "POST",
      path: NAMESPACES,
      operation: "createNamespace",
      access: "admin",
      bound: "refused",
      describe: { summary: "Create a namespace", body: TITLE_BODY, answer: answersOne },
      async handle(exchange) {
        checkAccount(exchange);
        // `jurisdiction` says where Cloudflare stores the data. Here the data stays on this machine.
        const title = await readTitle(exchange);
        await sendResult(exchange, wireNamespace(await catalog.create(title).catch(asTaken)));
      },
    },
    {
      method: "GET",
      path: NAMESPACE,
      operation: "getNamespace",
      access: "read",
      describe: { summary: "Get a namespace", answer: answersOne },
      async handle(exchange) {
        checkAccount(exchange);
        await sendResult(exchange, wireNamespace(await catalog.require(exchange.matched.namespaceId)));
      },
    },
    {
      method: "PUT",
      path: NAMESPACE,
      operation: "renameNamespace",
      access: "admin",
      describe: { summary: "Rename a namespace", body: TITLE_BODY, answer: answersOne },
      async handle(exchange) {
        checkAccount(exchange);
        const title = await readTitle(exchange);
        const renamed = await catalog.rename(exchange.matched.namespaceId, title).catch(asTaken);
        await sendResult(exchange, wireNamespace(renamed));
      },
    },
    {
      method: "DELETE",
      path: NAMESPACE,
      operation: "deleteNamespace",
      access: "admin",
      describe: {
        summary: "Delete a namespace with all its keys",
        answer: { description: "It is gone", content: envelopeSchema({ type: "null" }) },
      },
      async handle(exchange) {
        checkAccount(exchange);
        await catalog.delete(exchange.matched.namespaceId);
        sendDone(exchange);
      },
    },
  ];
}

function wireNamespace({ id, title }: NamespaceRecord): object {
  return { id, title, supports_url_encoding: true };
}

async function readTitle(exchange: ApiExchange): Promise<string> {
  const body = await readJson(exchange);
  const title = isRecord(body) ? body["title"] : undefined;
  if (typeof title === "string" && title !== "") return title;
  throw new KvError("title_invalid", "request is missing a title definition", {
    hint: 'Send a JSON object with a title: {"title":"sessions"}.',
  });
}

/** Uses the message that wrangler looks for. */
function asTaken(error: unknown): never {
  if (!(error instanceof KvError) || error.code !== "namespace_exists") throw error;
  throw new KvError("namespace_exists", "a namespace with this account ID and title already exists", {
    cause: error,
    hint: "Choose another title, or use the namespace that has it.",
  });
}

function oneOf<Name extends string>(query: string, name: string, names: readonly Name[]): Name | undefined {
  const text = queryParam(query, name);
  if (text === undefined || text === "") return undefined;
  const found = names.find((candidate) => candidate === text);
  if (found !== undefined) return found;
  throw new KvError("bad_request", `Invalid ${name}. Please specify one of ${names.join(", ")}.`);
}
