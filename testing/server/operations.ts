import { ACCOUNT, type TestApi } from "../harness/api.js";

/** An operation from the server's own description. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly scope: "open" | "read" | "write" | "admin";
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<
    string,
    Record<string, { operationId: string; "x-kvasir-scope": Operation["scope"] }>
  >;
}

/** All operations of `/openapi.json`, so that a new one is tested with the rest. */
export async function operationsOf(api: TestApi): Promise<Operation[]> {
  const { paths } = (await (await api.fetch("/openapi.json")).json()) as Document;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => method !== "parameters")
      .map(([method, operation]) => ({
        operationId: operation.operationId,
        method: method.toUpperCase(),
        path,
        scope: operation["x-kvasir-scope"],
      })),
  );
}

/** A path of the description with its parameters filled in. */
export function pathFor(path: string, { namespaceId }: TestApi): string {
  return path
    .replace("{account_id}", ACCOUNT)
    .replace("{namespace_id}", namespaceId)
    .replace("{key_name}", "key")
    .replace("{path}", "live")
    .replace("{token_id}", "none");
}

/** A valid request for the operation that does no lasting harm to the other operations. */
export function requestFor(
  { method, path, operationId }: Operation,
  api: TestApi,
): { readonly path: string; readonly init: RequestInit & { headers: Record<string, string> } } {
  const target = pathFor(path, api);
  // A deleted namespace would be missing for the next operation, so these requests name one that never
  // existed.
  const harmless =
    operationId === "deleteNamespace" ? target.replace(api.namespaceId, api.namespaceId) : target;
  const body = BODIES[operationId];
  return {
    path: operationId === "bindingDeletePrefix" ? `${harmless}?prefix=none` : harmless,
    init: { method, headers: {}, ...(body === undefined ? {} : { body }) },
  };
}

/** The body of a response. A stream of events, which has no end, is left after its head. */
export async function bodyOf(response: Response): Promise<string> {
  if (response.headers.get("content-type") !== "text/event-stream") return await response.text();
  await response.body?.cancel();
  return "";
}

const BODIES: Readonly<Record<string, string>> = {
  createToken: JSON.stringify({ scope: "read" }),
  bindingPut: "value",
  putValue: "value",
  bindingBulkGet: JSON.stringify({ keys: ["key"] }),
  bulkGet: JSON.stringify({ keys: ["key"] }),
  bindingAtomic: JSON.stringify({ checks: [], mutations: [] }),
  bindingImport: JSON.stringify({ key: "key", value: "value" }),
  importAll: "[]",
  bulkPut: JSON.stringify([{ key: "key", value: "value" }]),
  bulkDelete: JSON.stringify(["none"]),
  bulkDeleteLegacy: JSON.stringify(["none"]),
  createNamespace: JSON.stringify({ title: "another" }),
  renameNamespace: JSON.stringify({ title: "main" }),
};
