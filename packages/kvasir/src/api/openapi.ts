import type { Schema } from "./operation-description.js";
import type { Route } from "./route.js";

const PATH_PARAMETERS: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>> = {
  account_id: {
    description: "Any account id is taken: one store has one account.",
    schema: { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}$" },
  },
  namespace_id: {
    description: "The id of a namespace.",
    schema: { type: "string", pattern: "^[A-Za-z0-9_.-]{1,64}$" },
  },
  key_name: {
    description: "A key: one percent-encoded segment, at most 512 bytes of UTF-8 when decoded.",
    schema: { type: "string", minLength: 1 },
  },
  kv_id: {
    description: "The id of a namespace, as a UUID or as it is.",
    schema: { type: "string", pattern: "^[A-Za-z0-9_.-]{1,64}$" },
  },
  path: { description: "The rest of the path.", schema: { type: "string", minLength: 1 } },
  token_id: { description: "The id of a token.", schema: { type: "string" } },
};

/** The OpenAPI 3.1 document of a route table. */
export function openApiDocument(routes: readonly { readonly route: Route; readonly tag: string }[]): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { route, tag } of routes) {
    // OpenAPI has no notation for a parameter that spans segments.
    const path = route.path.replace("+}", "}");
    const item = paths[path] ?? pathItem(path);
    paths[path] = item;
    item[route.method.toLowerCase()] = operation(route, tag);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Kvasir",
      version: "1",
      description:
        "Workers KV on your own machine: the Cloudflare v4 API, Telnyx's storage API, and the binding protocol with extensions.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "`kvasir token create`" } },
    },
  };
}

function pathItem(path: string): Record<string, unknown> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  if (names.length === 0) return {};
  return {
    parameters: names.map((name) => ({ name, in: "path", required: true, ...PATH_PARAMETERS[name] })),
  };
}

function operation(route: Route, tag: string): object {
  const { summary, parameters = [], body, answer } = route.describe;
  return {
    operationId: route.operation,
    summary,
    tags: [tag],
    ...(parameters.length > 0
      ? { parameters: parameters.map((parameter) => ({ in: "query", required: false, ...parameter })) }
      : {}),
    ...(body === undefined ? {} : { requestBody: { required: true, content: media(body) } }),
    responses: {
      [answer.status ?? 200]: {
        description: answer.description,
        ...(answer.content === undefined ? {} : { content: media(answer.content) }),
      },
      "4XX": { description: "The request was refused; the body says why and what to do." },
    },
    security: route.access === "open" ? [] : [{ token: [] }],
    "x-kvasir-scope": route.access,
  };
}

function media(content: Readonly<Record<string, Schema>>): object {
  return Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));
}
