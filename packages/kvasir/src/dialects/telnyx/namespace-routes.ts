import type { NamespaceRecord } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Schema } from "../../api/operation-description.js";
import type { Route } from "../../api/route.js";
import { isRecord, readJson } from "../../http/body.js";
import { shownId } from "../../wire/namespace-id-forms.js";
import { missingError, TelnyxError } from "./errors.js";
import type { TelnyxNamespaces } from "./namespaces.js";
import { PAGE_PARAMETERS, pageMeta, pageRequestOf } from "./pages.js";
import { NAMESPACE, NAMESPACES } from "./paths.js";
import {
  encodingOf,
  VALUE_ENCODING_ATTRIBUTE,
  VALUE_ENCODINGS,
  type ValueEncoding,
} from "./value-encoding.js";

const NAMESPACE_SCHEMA: Schema = {
  type: "object",
  required: ["record_type", "id", "name", "status", "created_at", "updated_at"],
  properties: {
    record_type: { const: "storage_kv" },
    id: { type: "string", description: "A UUID, or the id that a config chose." },
    name: { type: "string" },
    status: { enum: ["provision_ok", "deleting"] },
    created_at: { type: "string", format: "date-time" },
    updated_at: { type: "string", format: "date-time" },
    value_encoding: { const: "envelope", description: "Absent where values travel raw." },
  },
};

export function namespaceRoutes({ catalog }: ApiContext, namespaces: TelnyxNamespaces): Route[] {
  const answersOne = { description: "The namespace", content: wrapped(NAMESPACE_SCHEMA) };
  const wire = (record: NamespaceRecord) =>
    wireNamespace(record, namespaces.isDeleting(record) ? "deleting" : "provision_ok");
  return [
    {
      method: "GET",
      path: NAMESPACES,
      operation: "telnyxListNamespaces",
      access: "read",
      bound: "filtered",
      describe: {
        summary: "List namespaces, by name",
        parameters: PAGE_PARAMETERS,
        answer: {
          description: "A page of namespaces, empty past the end",
          content: wrapped({ type: "array", items: NAMESPACE_SCHEMA }),
        },
      },
      async handle(exchange) {
        const page = pageRequestOf(exchange.query);
        const { namespaces: listed, total } = await catalog.list({
          order: "title",
          page: page.number,
          perPage: page.size,
          among: exchange.matched.principal.namespaces ?? undefined,
        });
        await exchange.sendJson(200, { data: listed.map(wire), meta: pageMeta(page, total) });
      },
    },
    {
      method: "POST",
      path: NAMESPACES,
      operation: "telnyxCreateNamespace",
      access: "admin",
      bound: "refused",
      describe: {
        summary: "Create a namespace; it is ready at once",
        body: {
          "application/json": {
            type: "object",
            required: ["name"],
            properties: {
              name: { type: "string", pattern: "^[a-z0-9-]+$" },
              value_encoding: { enum: VALUE_ENCODINGS, default: "raw" },
            },
          },
        },
        answer: { ...answersOne, status: 201 },
      },
      async handle(exchange) {
        const { name, encoding } = await readNewNamespace(exchange);
        const record = await catalog.create(name, { attributes: { [VALUE_ENCODING_ATTRIBUTE]: encoding } });
        exchange.sendJson(201, { data: wire(record) });
      },
    },
    {
      method: "GET",
      path: NAMESPACE,
      operation: "telnyxGetNamespace",
      access: "read",
      describe: { summary: "Get a namespace", answer: answersOne },
      async handle(exchange) {
        exchange.sendJson(200, { data: wire(await namespaces.find(exchange)) });
      },
    },
    {
      method: "DELETE",
      path: NAMESPACE,
      operation: "telnyxDeleteNamespace",
      access: "admin",
      describe: {
        summary: "Delete a namespace with all its keys",
        answer: { ...answersOne, description: "The namespace, which is gone when this answer arrives" },
      },
      async handle(exchange) {
        const record = await namespaces.find(exchange);
        await namespaces.delete(record);
        exchange.sendJson(200, { data: wireNamespace(record, "deleting") });
      },
    },
  ];
}

function wireNamespace(record: NamespaceRecord, status: "provision_ok" | "deleting"): object {
  return {
    record_type: "storage_kv",
    id: shownId(record.id),
    name: record.title,
    status,
    created_at: new Date(record.createdMs).toISOString(),
    updated_at: new Date(record.modifiedMs).toISOString(),
    // Shown only for envelope namespaces: the original API has neither them nor this field.
    ...(encodingOf(record) === "envelope" ? { value_encoding: "envelope" } : {}),
  };
}

async function readNewNamespace(exchange: ApiExchange): Promise<{ name: string; encoding: ValueEncoding }> {
  const body = await readJson(exchange);
  if (!isRecord(body)) {
    throw new TelnyxError("bad_request", "A namespace is described by a JSON object", {
      hint: 'Send one with a name: {"name":"sessions"}.',
    });
  }
  const { name, value_encoding: wanted } = body;
  if (name === undefined || name === null) throw missingError("name");
  if (typeof name !== "string" || !/^[a-z0-9-]+$/.test(name)) {
    throw new TelnyxError("title_invalid", "Invalid name", {
      source: { pointer: "/name" },
      hint: "A name consists of lowercase letters, digits and hyphens.",
    });
  }
  if (wanted === undefined || wanted === null) return { name, encoding: "raw" };
  const encoding = VALUE_ENCODINGS.find((known) => known === wanted);
  if (encoding === undefined) {
    throw new TelnyxError(
      "value_invalid",
      `Invalid value_encoding. Please specify one of ${VALUE_ENCODINGS.join(", ")}.`,
      {
        source: { pointer: "/value_encoding" },
      },
    );
  }
  return { name, encoding };
}

function wrapped(data: Schema): Record<string, Schema> {
  return {
    "application/json": {
      type: "object",
      required: ["data"],
      properties: { data, meta: { type: "object" } },
    },
  };
}
