import type { Address } from "./connection.js";
import { SLOTS } from "./limits.js";

/** A node of the cluster, as another one sees it. */
export interface SeenNode extends Address {
  readonly id: string;
  readonly isPrimary: boolean;
  /** The id of a replica's primary. */
  readonly primaryId: string | null;
  /** Most nodes agree that it is gone, or its address is not known. */
  readonly isAway: boolean;
  /** First and last slot of each range that it serves. */
  readonly slots: readonly (readonly [first: number, last: number])[];
}

/** The shape of the cluster, as one node sees it. */
export interface Topology {
  readonly nodes: readonly SeenNode[];
}

/**
 * Parses the reply to `CLUSTER NODES`, which, unlike `CLUSTER SLOTS`, also names replicas that are down.
 *
 * @param asked the node that replied: it does not always know its own address
 * @see https://valkey.io/commands/cluster-nodes/
 */
export function parseTopology(text: string, asked: Address & { readonly tls?: boolean }): Topology {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return { nodes: lines.map((line) => parseNode(line, asked)).filter((node) => node !== null) };
}

/** Shards by their primaries: a primary with slots, and all of its replicas. */
export function shardsOf({
  nodes,
}: Topology): readonly { primary: SeenNode; replicas: readonly SeenNode[] }[] {
  return nodes
    .filter(({ isPrimary, slots }) => isPrimary && slots.length > 0)
    .map((primary) => ({ primary, replicas: nodes.filter(({ primaryId }) => primaryId === primary.id) }));
}

/** How many slots no node serves. */
export function unassignedSlots({ nodes }: Topology): number {
  const ranges = nodes.filter(({ isPrimary }) => isPrimary).flatMap(({ slots }) => slots);
  return SLOTS - ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

function parseNode(line: string, asked: Address & { readonly tls?: boolean }): SeenNode | null {
  const [id = "", place = "", flagText = "", primary = "-", , , , link = "", ...slots] = line.split(" ");
  const [, ip = "", port = "", hostname = ""] = /^(.*?):(\d+)(?:@\d+)?(?:,([^,]*))?/.exec(place) ?? [];
  const flags = flagText.split(",");
  if (flags.includes("handshake")) return null;
  const isOwn = flags.includes("myself");
  // Certificates name hosts rather than addresses.
  const host = isOwn ? asked.host : (asked.tls && hostname) || ip || hostname;
  return {
    id,
    host,
    port: isOwn ? asked.port : Number(port),
    isPrimary: flags.includes("master"),
    primaryId: primary === "-" ? null : primary,
    isAway:
      flags.includes("fail") || flags.includes("noaddr") || host === "" || (link !== "connected" && !isOwn),
    slots: slots.filter((range) => /^\d/.test(range)).map(parseRange),
  };
}

function parseRange(range: string): [number, number] {
  const [first = "", last = first] = range.split("-");
  return [Number(first), Number(last)];
}
