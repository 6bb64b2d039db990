/** A server of the cluster that holds the data. */
export interface ClusterNode {
  /** `HOST:PORT` */
  readonly address: string;
  readonly role: "primary" | "replica";
  /**
   * `up`; `away`: most nodes say that it is gone; `unreachable`: they see it, and this process does not;
   * `syncing`: a replica that does not follow its primary yet.
   */
  readonly state: "up" | "away" | "unreachable" | "syncing";
  /** Slots that it serves. 0 for a replica. */
  readonly slots: number;
  /** How many replicas follow a primary. `null` for a replica, and when the primary does not say. */
  readonly replicas: number | null;
  /** How many bytes of its primary's writes a replica lacks. `null` for a primary, and when it is not known. */
  readonly lagBytes: number | null;
}

/** Something that is wrong with a cluster. */
export interface ClusterProblem {
  /** A setting such as `appendfsync`, or one of `clock`, `replicas`, `slots`, `primary`, `data`, `rights`. */
  readonly name: string;
  /** The node that it is about. `null`: the cluster as a whole. */
  readonly node: string | null;
  /** A full sentence. */
  readonly message: string;
  /** Whether all writes are refused because of it: the promise that an acknowledged write lasts would not hold. */
  readonly refuses: boolean;
}

/** The state of the cluster that holds the data, a few seconds old at most. */
export interface ClusterFigures {
  readonly nodes: readonly ClusterNode[];
  /** How many replicas confirm a write. */
  readonly replicas: number;
  /** Slots without a primary that is up. Operations on their keys are refused. */
  readonly slotsUnserved: number;
  /** By how much the clocks of the nodes differ, in milliseconds. `null`: fewer than two nodes told theirs. */
  readonly clockSkewMs: number | null;
  /** As of the last check, which is made every minute. */
  readonly problems: readonly ClusterProblem[];
  /** Writes of this process whose outcome is unknown. */
  readonly outcomeUnknownTotal: number;
  /** Attempts of this process that a node refused, and that were made again. */
  readonly retriesTotal: number;
}
