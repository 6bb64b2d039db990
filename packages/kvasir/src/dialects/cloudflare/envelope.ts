import type { MaybePromise } from "@kvasir/store";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Schema } from "../../api/operation-description.js";

/** The page information of a list. */
export interface ResultInfo {
  readonly count: number;
  readonly cursor?: string;
  readonly page?: number;
  readonly per_page?: number;
  readonly total_count?: number;
  readonly total_pages?: number;
}

/** Sends a result in the envelope that every response of the API has, except values. */
export function sendResult(
  exchange: ApiExchange,
  result: unknown,
  resultInfo?: ResultInfo,
): MaybePromise<void> {
  return exchange.sendJson(200, {
    success: true,
    errors: [],
    messages: [],
    result,
    ...(resultInfo === undefined ? {} : { result_info: resultInfo }),
  });
}

/** Responds to a successful write. The text is always the same. */
export function sendDone(exchange: ApiExchange): void {
  exchange.send(200, ["Content-Type", "application/json; charset=utf-8"], DONE);
}

const DONE = JSON.stringify({ success: true, errors: [], messages: [], result: null });

/** The OpenAPI schema of an envelope with such a result. */
export function envelopeSchema(result: Schema): Record<string, Schema> {
  const item = {
    type: "object",
    required: ["code", "message"],
    properties: { code: { type: "integer", minimum: 1000 }, message: { type: "string" } },
  };
  return {
    "application/json": {
      type: "object",
      required: ["success", "errors", "messages", "result"],
      properties: {
        success: { type: "boolean" },
        errors: { type: "array", items: item },
        messages: { type: "array", items: item },
        result,
        result_info: { type: "object" },
      },
    },
  };
}
