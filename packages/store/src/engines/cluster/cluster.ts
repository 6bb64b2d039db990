import { KvError } from "@kvasir/client/namespace";
import { monotonicMs, setTimeout } from "../../store/timers.js";
import { type Access, type Address, type Command, Refusal, type Reply } from "./connection.js";
import { isMissingRight, refusedError, rightsError } from "./errors.js";
import { RETRY_PAUSE_MS, SLOTS, TOPOLOGY_PAUSE_MS } from "./limits.js";
import { lookAtTopology } from "./look.js";
import { newOperation, type Operation, type OperationInit, TooLate } from "./operation.js";
import { ReadLane } from "./read-lane.js";
import type { Topology } from "./topology.js";
import { WriteLane } from "./write-lane.js";

/** A primary and the ways to it. */
interface Node extends Address {
  readonly writes: WriteLane;
  readonly reads: ReadLane;
}

export interface ClusterOptions {
  readonly seeds: readonly Address[];
  readonly access: Access;
}

/**
 * The way to the node that serves a slot. Operations that a node refused before it executed anything are sent
 * again until their time is over: to another node when the cluster says so. Nothing else is sent again, except
 * reads.
 */
export class Cluster {
  readonly #seeds: readonly Address[];
  readonly #access: Access;
  readonly #nodes = new Map<string, Node>();
  readonly #owners: (Node | undefined)[] = new Array(SLOTS);
  #replicas = 0;
  /** Writes whose outcome is unknown. */
  outcomeUnknownTotal = 0;
  /** Attempts that were refused, and made again. */
  retriesTotal = 0;
  #known: readonly Address[];
  #looking: Promise<void> | null = null;
  #isClosed = false;

  constructor({ seeds, access }: ClusterOptions) {
    this.#seeds = seeds;
    this.#access = access;
    this.#known = seeds;
  }

  /** How many replicas must have a write on disk before it is acknowledged. */
  set replicas(count: number) {
    this.#replicas = count;
    for (const { writes } of this.#nodes.values()) writes.replicas = count;
  }

  /**
   * Asks the nodes for the shape of the cluster, and follows it.
   *
   * @throws KvError `unavailable` when no node replies, `unsupported` when they are no cluster
   */
  async look(): Promise<Topology> {
    const topology = await lookAtTopology(this.#known, this.#access);
    this.#follow(topology);
    return topology;
  }

  /** Sends commands for one slot together, to be confirmed by the replicas. */
  write(slot: number, commands: readonly Command[]): Promise<readonly Reply[]> {
    return this.submit({ slot, commands, isRead: false, lane: "writes" });
  }

  /** The same for commands that are reads, confirmed like a write: see `fence` of the layout. */
  fencedRead(slot: number, commands: readonly Command[]): Promise<readonly Reply[]> {
    return this.submit({ slot, commands, isRead: true, lane: "writes" });
  }

  read(slot: number, commands: readonly Command[]): Promise<readonly Reply[]> {
    return this.submit({ slot, commands, isRead: true, lane: "reads" });
  }

  /** The replies to the operation's commands; of one that is joined, what its joiner makes of them. */
  submit(init: OperationInit): Promise<readonly Reply[]> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        if (error instanceof KvError && error.code === "outcome_unknown") this.outcomeUnknownTotal++;
        reject(error instanceof Refusal && isMissingRight(error) ? rightsError(error.message) : error);
      };
      this.#dispatch(newOperation(init, { resolve, reject: fail }));
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const node of this.#nodes.values()) closeNode(node);
    this.#nodes.clear();
    this.#owners.fill(undefined);
  }

  #dispatch(operation: Operation): void {
    const node =
      operation.askedAt === null ? this.#owners[operation.slot] : this.#nodes.get(operation.askedAt);
    if (node === undefined) {
      operation.askedAt = null;
      this.#again([operation], new Error(`no node serves slot ${operation.slot}`));
      return;
    }
    node[operation.lane].push(operation);
  }

  #again(operations: readonly Operation[], error: Error): void {
    // Time does not give rights.
    if (error instanceof Refusal && isMissingRight(error)) {
      for (const operation of operations) operation.reject(error);
      return;
    }
    this.#heed(operations, error);
    const nowMs = monotonicMs();
    const again: Operation[] = [];
    for (const operation of operations) {
      // Before it was too late, something else was in the way.
      const reason = error instanceof TooLate ? (operation.lastError ?? error) : error;
      operation.lastError = reason;
      if (this.#isClosed || operation.deadlineMs <= nowMs) operation.reject(refusedError(reasonOf(reason)));
      else again.push(operation);
    }
    if (again.length === 0) return;
    this.retriesTotal += again.length;
    setTimeout(() => {
      for (const operation of again) this.#dispatch(operation);
    }, RETRY_PAUSE_MS);
  }

  /** Follows what a refusal says about where the slot is. */
  #heed(operations: readonly Operation[], error: Error): void {
    for (const operation of operations) operation.askedAt = null;
    const [, kind, slot, place = ""] =
      error instanceof Refusal ? (/^(MOVED|ASK) (\d+) (\S+:\d+)$/.exec(error.message) ?? []) : [];
    if (kind === "MOVED") this.#owners[Number(slot)] = this.#nodes.get(place) ?? this.#owners[Number(slot)];
    if (kind === "ASK") for (const operation of operations) operation.askedAt = place;
    if (kind !== "ASK" || !this.#nodes.has(place)) this.#lookSoon();
  }

  #lookSoon(): void {
    if (this.#isClosed) return;
    this.#looking ??= this.look()
      // What is refused tells the reason to those who wait.
      .catch(() => {})
      .then(() => new Promise((resolve) => setTimeout(resolve, TOPOLOGY_PAUSE_MS)))
      .then(() => {
        this.#looking = null;
      });
  }

  #follow({ nodes }: Topology): void {
    if (this.#isClosed) return;
    const gone = new Set(this.#nodes.keys());
    this.#owners.fill(undefined);
    for (const seen of nodes) {
      if (!seen.isPrimary || seen.isAway) continue;
      const place = `${seen.host}:${seen.port}`;
      gone.delete(place);
      const node = this.#nodes.get(place) ?? this.#open(place, seen);
      for (const [first, last] of seen.slots) this.#owners.fill(node, first, last + 1);
    }
    this.#known = [...nodes.filter(({ isAway }) => !isAway), ...this.#seeds];
    for (const place of gone) {
      const node = this.#nodes.get(place);
      this.#nodes.delete(place);
      if (node !== undefined) closeNode(node);
    }
  }

  #open(place: string, { host, port }: Address): Node {
    const hooks = {
      again: (operations: readonly Operation[], error: Error) => this.#again(operations, error),
    };
    const address = { host, port };
    const node: Node = {
      ...address,
      writes: new WriteLane(address, this.#access, hooks),
      reads: new ReadLane(address, this.#access, hooks),
    };
    node.writes.replicas = this.#replicas;
    this.#nodes.set(place, node);
    return node;
  }
}

function closeNode({ writes, reads }: Node): void {
  writes.close();
  reads.close();
}

function reasonOf({ message }: Error): string {
  return message.replace(/\.$/, "");
}
