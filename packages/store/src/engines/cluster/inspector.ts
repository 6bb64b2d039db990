import type { KvError } from "@kvasir/client/namespace";
import { type Clock, systemClock } from "../../store/clock.js";
import type { ClusterFigures, ClusterNode, ClusterProblem } from "../../store/cluster-figures.js";
import { clearTimeout, monotonicMs, setTimeout } from "../../store/timers.js";
import type { Cluster } from "./cluster.js";
import type { Access } from "./connection.js";
import { problemError, settingsError } from "./errors.js";
import { HEALTH_WAIT_MS, INSPECTED_FRESH_MS, SETTINGS_CHECK_MS, SLOTS } from "./limits.js";
import { clockProblems, clockSkewMs, placeOf, shapeProblems } from "./problems.js";
import { SETTINGS, settingProblems } from "./settings.js";
import { DATA, type StoreIdentity } from "./store-format.js";
import type { Topology } from "./topology.js";
import { type Visit, visit } from "./visit.js";

export interface InspectorOptions {
  readonly cluster: Cluster;
  readonly access: Access;
  readonly acks: "all" | "1";
  readonly clock: Clock;
  readonly identity: StoreIdentity;
  /** Called with each problem that was not there at the last look. */
  readonly onProblem: (error: KvError) => void;
}

/** What one look at all nodes found. */
export interface Inspection {
  readonly topology: Topology;
  readonly nodes: readonly ClusterNode[];
  readonly clockSkewMs: number | null;
  readonly problems: readonly ClusterProblem[];
}

/** Looks at all nodes of a cluster, every minute and when somebody asks, and knows what is wrong with it. */
export class Inspector {
  readonly #options: InspectorOptions;
  /** How many replicas each primary has. `null` until that is known. */
  replicas: number | null = null;
  /** The id of the store's data. `null` until that is known. */
  storeId: string | null = null;
  /** Why all writes are refused. `null`: they are not. Every write asks. */
  broken: KvError | null = null;
  #last: { readonly inspection: Inspection; readonly atMs: number } | null = null;
  #looking: Promise<Inspection> | null = null;
  /** When the check was made that is due every minute, by the clock of the store. */
  #checkedMs: number;
  #reported: ReadonlySet<string> | null = null;

  constructor(options: InspectorOptions) {
    this.#options = options;
    this.#checkedMs = this.#nowMs();
  }

  /** Looks at a cluster that was seen just now. */
  async inspect(topology: Topology): Promise<Inspection> {
    const { access, acks, identity } = this.#options;
    const plan = { access, settings: SETTINGS, extra: identity.commandFor };
    const visits = await Promise.all(topology.nodes.map((node) => visit(node, plan)));
    const offsets = visits.flatMap(({ node, clockOffsetMs: offsetMs }) =>
      offsetMs === null ? [] : [{ node: placeOf(node), offsetMs }],
    );
    return this.#keep({
      topology,
      nodes: visits.map((seen) => nodeOf(seen, visits)).sort((a, b) => (a.address < b.address ? -1 : 1)),
      clockSkewMs: clockSkewMs(offsets.map(({ offsetMs }) => offsetMs)),
      problems: [
        ...shapeProblems(topology, visits, { acks, replicas: this.replicas }),
        ...visits.flatMap((seen) => settingProblems(seen, { acks })),
        ...clockProblems(offsets),
        ...(identity.problems(visits, { acks, storeId: this.storeId }) ??
          this.#known(({ name }) => name === DATA)),
        ...this.#silent(visits),
      ],
    });
  }

  /** From now on, problems are told. Those of the start were thrown. */
  report(): void {
    this.#reported = new Set();
    this.#tell();
  }

  /** The check that is due every minute. Never rejects. */
  async checkWhenDue(): Promise<void> {
    const nowMs = this.#nowMs();
    if (nowMs - this.#checkedMs < SETTINGS_CHECK_MS) return;
    this.#checkedMs = nowMs;
    await this.#look();
  }

  /** A few seconds old at most. */
  async figures(): Promise<ClusterFigures> {
    const { nodes, clockSkewMs: skewMs, problems } = await this.#recent();
    const { outcomeUnknownTotal, retriesTotal } = this.#options.cluster;
    return {
      nodes,
      replicas: this.replicas ?? 0,
      slotsUnserved: unservedSlots(nodes),
      clockSkewMs: skewMs,
      problems,
      outcomeUnknownTotal,
      retriesTotal,
    };
  }

  /**
   * Waits a second for the nodes, when what is known of them is old.
   *
   * @throws KvError why all writes are refused, or why nothing can be read
   */
  async health(): Promise<void> {
    const { problems } = await within(this.#recent(), HEALTH_WAIT_MS, () => this.#last?.inspection);
    const worst = problems.find(({ name }) => name === NO_NODE);
    if (worst !== undefined) throw problemError(worst);
    if (this.broken !== null) throw this.broken;
  }

  #recent(): Promise<Inspection> {
    const last = this.#last;
    if (last !== null && monotonicMs() - last.atMs < INSPECTED_FRESH_MS)
      return Promise.resolve(last.inspection);
    return this.#look();
  }

  /** Never rejects after the start: a cluster that is away is a problem like others. */
  #look(): Promise<Inspection> {
    this.#looking ??= this.#options.cluster
      .look()
      .then((topology) => this.inspect(topology))
      .catch((error: Error) => this.#keep(this.#unreachable(error)))
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  /** What was wrong with nodes that the others see and that do not reply: it is not right by that. */
  #silent(visits: readonly Visit[]): readonly ClusterProblem[] {
    const silent = visits.filter(
      ({ node, isReached, refusal }) => !isReached && !node.isAway && refusal === null,
    );
    const places = silent.map(({ node }) => placeOf(node));
    return this.#known(({ node, name }) => node !== null && places.includes(node) && SETTINGS.includes(name));
  }

  #known(matches: (problem: ClusterProblem) => boolean): readonly ClusterProblem[] {
    return this.#last?.inspection.problems.filter(matches) ?? [];
  }

  #unreachable(error: Error): Inspection {
    const topology = this.#last?.inspection.topology ?? { nodes: [] };
    const nodes = this.#last?.inspection.nodes ?? [];
    const away = { name: NO_NODE, node: null, message: error.message, refuses: false };
    return {
      topology,
      nodes: nodes.map((node) => ({ ...node, state: "unreachable", replicas: null, lagBytes: null })),
      clockSkewMs: null,
      // What was wrong with them is not right by their being away.
      problems: [away, ...this.#known(({ refuses }) => refuses)],
    };
  }

  #keep(inspection: Inspection): Inspection {
    this.#last = { inspection, atMs: monotonicMs() };
    const refusing = inspection.problems.filter(({ refuses }) => refuses);
    this.broken = refusing.length === 0 ? null : settingsError(refusing.map(({ message }) => message));
    this.#tell();
    return inspection;
  }

  #tell(): void {
    const known = this.#reported;
    if (known === null || this.#last === null) return;
    const { problems } = this.#last.inspection;
    this.#reported = new Set(problems.map(idOf));
    for (const problem of problems)
      if (!known.has(idOf(problem))) this.#options.onProblem(problemError(problem));
  }

  #nowMs(): number {
    const { clock } = this.#options;
    return clock === systemClock ? monotonicMs() : clock.nowMs();
  }
}

/** The name of the problem that no node can be reached. */
const NO_NODE = "nodes";

function idOf({ name, node }: ClusterProblem): string {
  return `${name} ${node}`;
}

function nodeOf(seen: Visit, visits: readonly Visit[]): ClusterNode {
  const { node, isReached, replication } = seen;
  const address = placeOf(node);
  const isPrimary = node.isPrimary;
  const primary = visits.find((other) => other.node.id === node.primaryId)?.replication ?? null;
  const followed = primary?.replicas.find((replica) => replica.address === address);
  const isSyncing = !isPrimary && isReached && replication?.isLinked === false;
  return {
    address,
    role: isPrimary ? "primary" : "replica",
    state: node.isAway ? "away" : !isReached ? "unreachable" : isSyncing ? "syncing" : "up",
    slots: node.slots.reduce((sum, [first, last]) => sum + last - first + 1, 0),
    replicas:
      isPrimary && replication !== null
        ? replication.replicas.filter(({ isFollowing }) => isFollowing).length
        : null,
    lagBytes: followed?.lagBytes ?? null,
  };
}

/** Slots without a primary that this process can reach. */
function unservedSlots(nodes: readonly ClusterNode[]): number {
  const served = nodes.filter(({ role, state }) => role === "primary" && state === "up");
  return SLOTS - served.reduce((sum, { slots }) => sum + slots, 0);
}

/** The result of `work`, or after `ms` what is known already, if anything is. */
async function within<T>(work: Promise<T>, ms: number, known: () => T | undefined): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T | undefined>((resolve) => {
    timer = setTimeout(() => resolve(known()), ms);
  });
  try {
    return (await Promise.race([work, late])) ?? (await work);
  } finally {
    clearTimeout(timer);
  }
}
