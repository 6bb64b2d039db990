import { BACKUP_PATH, CHECK_PATH, type CheckOutcomeLine, SNAPSHOT_HEADERS } from "@kvasir/client/http";
import { KvError } from "@kvasir/client/namespace";
import type { CheckReport, DataSnapshot } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { Route } from "../../api/route.js";
import { CHECK_HEARTBEAT_MS, SNAPSHOT_HELD_BYTES, SNAPSHOTS_AT_ONCE } from "../../http/limits.js";

/** Checks the data without blocking this process. Ends early when the signal says so. */
export type CheckData = (signal: AbortSignal) => Promise<CheckReport>;

/** `kvasir backup --url` and `kvasir check --url` use these routes. */
export function dataRoutes({ store }: ApiContext, checkData: CheckData | undefined): Route[] {
  const shared = { method: "GET", access: "admin", bound: "refused" } as const;
  let snapshots = 0;
  return [
    {
      ...shared,
      path: BACKUP_PATH,
      operation: "backup",
      describe: {
        summary:
          "All data as of one position, as the bytes of a data file; `kvasir backup --url` makes a backup of it",
        answer: {
          description:
            "The data; the headers say when they were taken and what their position and format are",
          content: { "application/octet-stream": { type: "string", format: "binary" } },
        },
      },
      async handle(exchange) {
        if (snapshots >= SNAPSHOTS_AT_ONCE) throw busyError();
        snapshots++;
        let snapshot: DataSnapshot | undefined;
        try {
          snapshot = take(store.maintenance.snapshot);
          const { byteLength, atMs, position, format } = snapshot;
          const headers = ["Content-Type", "application/octet-stream", "Cache-Control", "no-store"];
          headers.push(SNAPSHOT_HEADERS.bytes, String(byteLength), SNAPSHOT_HEADERS.at, String(atMs));
          headers.push(SNAPSHOT_HEADERS.position, position, SNAPSHOT_HEADERS.format, String(format));
          await exchange.sendParts(200, headers, snapshot.chunks(), { heldBytes: SNAPSHOT_HELD_BYTES });
        } finally {
          snapshot?.release();
          snapshots--;
        }
      },
    },
    {
      ...shared,
      path: CHECK_PATH,
      operation: "check",
      describe: {
        summary:
          "Compare all that is stored with all that is stored, checksums included; `kvasir check --url` prints it",
        answer: {
          description:
            "Empty lines while the check goes on, then a line of JSON with the `report` or an `error`",
          content: { "application/x-ndjson": { type: "string" } },
        },
      },
      async handle(exchange) {
        const check = checkData ?? checkHere(store.maintenance.check);
        await exchange.sendParts(
          200,
          ["Content-Type", "application/x-ndjson", "Cache-Control", "no-store"],
          checkLines(check),
        );
      },
    },
  ];
}

/** Empty lines keep the connection in use, and notice that the client has gone. */
async function* checkLines(check: CheckData): AsyncGenerator<string> {
  const controller = new AbortController();
  const outcome = check(controller.signal).then(
    (report): CheckOutcomeLine => ({ report }),
    (error: unknown): CheckOutcomeLine => ({ error: errorOf(error) }),
  );
  try {
    for (;;) {
      const line = await Promise.race([outcome, heartbeat(controller.signal)]);
      if (line !== null) {
        yield `${JSON.stringify(line)}\n`;
        return;
      }
      yield "\n";
    }
  } finally {
    controller.abort();
  }
}

function heartbeat(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CHECK_HEARTBEAT_MS, null);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}

function errorOf(error: unknown) {
  const { code, message, hint } =
    error instanceof KvError ? error : new KvError("internal", String((error as Error)?.message ?? error));
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

function take(snapshot: (() => DataSnapshot) | undefined): DataSnapshot {
  if (snapshot !== undefined) return snapshot();
  throw new KvError(
    "unsupported",
    "This server keeps its data in no file of its own, so it cannot send a backup.",
    {
      hint: "Back up the database behind it, or export the namespaces.",
    },
  );
}

function checkHere(check: (() => CheckReport | Promise<CheckReport>) | undefined): CheckData {
  if (check !== undefined) return async () => await check();
  throw new KvError("unsupported", "This server's data cannot be checked through it.", {
    hint: "Check the database behind it.",
  });
}

function busyError(): KvError {
  return new KvError("rate_limited", `This server sends ${SNAPSHOTS_AT_ONCE} backups already.`, {
    hint: "Wait until one of them has ended. Each keeps the data file from reusing space.",
  });
}
