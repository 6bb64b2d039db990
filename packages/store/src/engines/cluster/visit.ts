import { type Access, type Command, NodeConnection, Refusal, type Reply } from "./connection.js";
import { CLOCK_DOUBT_MS_MAX, VISIT_MS } from "./limits.js";
import { parseReplication, type Replication } from "./replication.js";
import type { SeenNode } from "./topology.js";

/** What one node says of itself. */
export interface Visit {
  readonly node: SeenNode;
  readonly isReached: boolean;
  /** By names. A setting that this version of the server does not have is absent. */
  readonly settings: ReadonlyMap<string, string>;
  readonly replication: Replication | null;
  /** By how much its clock is ahead of ours. `null`: its reply took too long to tell. */
  readonly clockOffsetMs: number | null;
  /** The reply to the command of {@link VisitPlan.extra}. */
  readonly extra: Reply;
  /** Why it does not let this user see its settings. */
  readonly refusal: Refusal | null;
}

export interface VisitPlan {
  readonly access: Access;
  /** Names of settings to read. */
  readonly settings: readonly string[];
  /** One more command, for the nodes that need it. */
  readonly extra?: (node: SeenNode) => Command | undefined;
}

/** Asks a node for its settings, its time and its replicas. Never rejects. */
export async function visit(node: SeenNode, plan: VisitPlan): Promise<Visit> {
  const none = { node, isReached: false, settings: new Map(), replication: null, clockOffsetMs: null };
  if (node.isAway) return { ...none, extra: null, refusal: null };
  let connection: NodeConnection | undefined;
  try {
    connection = await NodeConnection.open(node, plan.access);
    return await look(connection, node, plan);
  } catch (error) {
    return { ...none, extra: null, refusal: error instanceof Refusal ? error : null };
  } finally {
    connection?.close();
  }
}

async function look(connection: NodeConnection, node: SeenNode, plan: VisitPlan): Promise<Visit> {
  const sentMs = Date.now();
  const time = await connection.ask(["TIME"], VISIT_MS);
  const doubtMs = (Date.now() - sentMs) / 2;
  const extra = plan.extra?.(node);
  const [replication, ...replies] = await connection.askAll(
    [
      ["INFO", "replication"],
      ...plan.settings.map((name): Command => ["CONFIG", "GET", name]),
      ...(extra === undefined ? [] : [extra]),
    ],
    VISIT_MS,
  );
  const settings = new Map<string, string>();
  for (const [at, name] of plan.settings.entries()) {
    const reply = replies[at];
    if (Array.isArray(reply) && reply.length > 1) settings.set(name, String(reply[1]));
  }
  return {
    node,
    isReached: true,
    settings,
    replication: parseReplication(String(replication)),
    clockOffsetMs: doubtMs > CLOCK_DOUBT_MS_MAX ? null : Math.round(msOf(time) - sentMs - doubtMs),
    extra: extra === undefined ? null : (replies.at(-1) ?? null),
    refusal: null,
  };
}

function msOf(time: Reply): number {
  const [seconds, micros] = time as readonly unknown[];
  return Number(String(seconds)) * 1000 + Number(String(micros)) / 1000;
}
