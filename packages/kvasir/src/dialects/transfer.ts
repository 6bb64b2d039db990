import type { ImportProblem, ImportResult } from "@kvasir/client/namespace";
import { KvError } from "@kvasir/client/namespace";
import {
  type EntryFormat,
  type ImportOptions,
  importEntries,
  type NamespaceSourceOptions,
  type RefusedItem,
  TRANSFER_BATCH_BYTES,
  type TransferPlace,
} from "@kvasir/store";
import type { ApiExchange } from "../api/api-exchange.js";
import type { OperationDescription, ParameterDescription } from "../api/operation-description.js";
import {
  ATOMIC_BODY_BYTES_MAX,
  EXPORT_HELD_BYTES,
  IMPORT_HELD_BYTES,
  IMPORT_PROBLEMS_MAX,
  PARSED_JSON_FACTOR,
  STREAMED_BODY_HELD_BYTES,
} from "../http/limits.js";
import { queryFlag, queryParam } from "../http/query.js";

const JSON_LINES = "application/x-ndjson";

export const PREFIX_PARAMETER: ParameterDescription = {
  name: "prefix",
  description: "Only keys that start with it.",
  schema: { type: "string" },
};

/** What the description of an import says beside its summary. */
export const IMPORT_DESCRIPTION: Omit<OperationDescription, "summary"> = {
  parameters: [
    {
      name: "on_conflict",
      description: "What to do with an entry whose key is there already.",
      schema: { enum: ["overwrite", "skip", "fail"], default: "overwrite" },
    },
    { name: "dry_run", description: "Only counts.", schema: { type: "boolean", default: false } },
  ],
  body: { [JSON_LINES]: { type: "string" }, "application/json": { type: "array" } },
  answer: {
    description: "How many entries were written, skipped and refused, and why",
    content: { "application/json": { type: "object" } },
  },
};

export const EXPORT_ANSWER: OperationDescription["answer"] = {
  description: "A line that names the namespace, then an entry a line",
  content: { [JSON_LINES]: { type: "string" } },
};

/**
 * Sends a file of entries, no faster than the client reads.
 *
 * @param chunksOf makes the file; its option charges the memory of large values
 */
export async function sendEntries(
  exchange: ApiExchange,
  format: EntryFormat,
  chunksOf: (options: NamespaceSourceOptions) => AsyncIterable<Uint8Array>,
): Promise<void> {
  let largeBytes = 0;
  const chunks = chunksOf({
    onLargeValue(bytes) {
      // The values before have been sent, except for as many as share a batch.
      if (largeBytes + bytes > TRANSFER_BATCH_BYTES) {
        exchange.hold.shrinkTo(EXPORT_HELD_BYTES);
        largeBytes = 0;
      }
      largeBytes += bytes;
      return exchange.hold.charge(bytes);
    },
  });
  const type = format === "json" ? "application/json; charset=utf-8" : JSON_LINES;
  await exchange.sendParts(200, ["Content-Type", type], chunks, { heldBytes: EXPORT_HELD_BYTES });
}

/** Writes the entries of the body as they arrive, no faster than the store takes them. Sends what became of them. */
export async function receiveEntries(
  exchange: ApiExchange,
  place: TransferPlace,
  options: Pick<ImportOptions, "namespace"> = {},
): Promise<void> {
  const { hold, query } = exchange;
  const problems: ImportProblem[] = [];
  exchange.mayTakeLong = true;
  await hold.charge(IMPORT_HELD_BYTES);
  let lineBytes = 0;
  const report = await importEntries(place, exchange.bodyParts({ heldBytesMax: STREAMED_BODY_HELD_BYTES }), {
    ...options,
    onConflict: conflictOf(query),
    dryRun: queryFlag(query, "dry_run"),
    lineBytesMax: ATOMIC_BODY_BYTES_MAX,
    onRefused(item) {
      if (problems.length < IMPORT_PROBLEMS_MAX) problems.push(problemOf(item));
    },
    async onHeld(bytes) {
      if (bytes < lineBytes) {
        hold.shrinkTo(IMPORT_HELD_BYTES + STREAMED_BODY_HELD_BYTES);
        lineBytes = 0;
      } else if (bytes > lineBytes + STREAMED_BODY_HELD_BYTES) {
        await hold.charge((bytes - lineBytes) * PARSED_JSON_FACTOR);
        lineBytes = bytes;
      }
      await exchange.turn();
    },
  });
  await exchange.sendJson(200, { ...report, problems } satisfies ImportResult);
}

function conflictOf(query: string): ImportOptions["onConflict"] {
  const text = queryParam(query, "on_conflict");
  if (text === undefined || text === "overwrite" || text === "skip" || text === "fail") return text;
  throw new KvError("bad_request", "Invalid on_conflict. Please specify overwrite, skip or fail.");
}

function problemOf({ unit, number, key, error: { code, message } }: RefusedItem): ImportProblem {
  return { [unit]: number, ...(key !== undefined && { key }), code, message };
}
