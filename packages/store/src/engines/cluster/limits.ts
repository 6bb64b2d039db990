/** The bounds of the cluster engine. Times are in milliseconds. */

/** Partitions of a store. Fixed: the place of every entry depends on it. */
export const PARTITIONS = 1024;
/** Slots of a cluster, as the protocol defines them. */
export const SLOTS = 16_384;
/** Buckets of a new namespace, unless the locator says otherwise. */
export const BUCKETS_DEFAULT = 16;

/** Establishing a connection, with its handshake. */
export const CONNECT_MS = 2000;
/** One read, from sending it to its reply. */
export const READ_MS = 3000;
/** How long a batch of writes waits for the replicas. */
export const WAIT_MS = 4000;
/** A batch of writes, from sending it to its last reply. */
export const BATCH_MS = WAIT_MS + 1000;
/** How long an operation that was refused is tried again. With {@link BATCH_MS} it stays below 15 s. */
export const RETRIED_MS = 6000;
/** Between two attempts of a refused operation. */
export const RETRY_PAUSE_MS = 50;
/** Asking one node for the shape of the cluster. */
export const TOPOLOGY_MS = 1500;
/** Shortest time between two looks at the shape of the cluster. */
export const TOPOLOGY_PAUSE_MS = 100;
/** Nodes that are asked for the shape of the cluster at a time. */
export const TOPOLOGY_NODES_MAX = 8;
/** After a failed start, operations fail with the same error for this long before the next attempt. */
export const START_PAUSE_MS = 1000;
/** Looks at the shape of the cluster of a new store, while a failover makes it uneven. */
export const SHAPE_LOOKS_MAX = 5;
/** Between two of them. */
export const SHAPE_PAUSE_MS = 500;
/** Between two checks of the cluster's settings. */
export const SETTINGS_CHECK_MS = 60_000;
/** What is known of the nodes is used for this long before they are asked again. */
export const INSPECTED_FRESH_MS = 5000;
/** How long health waits for the nodes, when it has older figures. */
export const HEALTH_WAIT_MS = 1000;
/** Asking one node for its settings and its replicas. */
export const VISIT_MS = 1500;
/** Clocks of the nodes that differ by more are reported. */
export const CLOCK_SKEW_MS_MAX = 500;
/** A node's clock is not judged when its reply leaves more doubt. */
export const CLOCK_DOUBT_MS_MAX = 200;
/** A replica that has acknowledged nothing for this many seconds counts as away. */
export const REPLICA_LAG_SECONDS_MAX = 3;

/** Writes that share one `WAIT`. */
export const BATCH_OPERATIONS_MAX = 1024;
/** A batch takes no further write once it carries this many bytes (8 MiB). */
export const BATCH_BYTES_MAX = 8_388_608;
/** Operations that may wait for a node. Further ones are refused. */
export const QUEUE_OPERATIONS_MAX = 65_536;
/** Bytes that may wait for a node (256 MiB). Further operations are refused. */
export const QUEUE_BYTES_MAX = 268_435_456;

/** A value up to this size lies in its entry; a larger one lies apart (16 KiB). */
export const INLINE_BYTES_MAX = 16_384;
/** Size of the parts in which a large value is written and read (1 MiB). */
export const BLOB_PART_BYTES = 1_048_576;
/** How long a staged value is kept for the put that will use it (an hour). */
export const STAGED_KEPT_MS = 3_600_000;
/** Mutations of a bulk write that share one script. */
export const BULK_OPERATIONS_MAX = 128;
/** A script of a bulk write takes no further mutation once it carries this many bytes (1 MiB). */
export const BULK_BYTES_MAX = 1_048_576;
/** Most entries that one call of the list script looks at. */
export const LIST_STEP_MAX = 1000;

/** How long a namespace's record is used without a look at the cluster. */
export const CATALOG_FRESH_MS = 250;
/** How long it is used while a look at the cluster is under way. */
export const CATALOG_STALE_MS = 800;
/** How long a look at the catalog takes at most before the namespace's buckets are asked too. */
export const CATALOG_PATIENCE_MS = 300;
/** Records of namespaces that are cached. */
export const CATALOG_CACHED_MAX = 10_000;
/** How long a record, such as a token, is used without a look at the cluster. */
export const RECORD_FRESH_MS = 250;
/** How long it is used while a look is under way. A revoked token must be refused within a second. */
export const RECORD_STALE_MS = 800;
/** Records of each table that are cached, also that there is none. */
export const RECORDS_CACHED_MAX = 10_000;
/** Attempts of a rename or a delete that other changes of the same namespace disturb. */
export const CATALOG_ATTEMPTS_MAX = 5;

/** Changes that each partition remembers. */
export const CHANGES_KEPT = 4096;
/** Between two looks of a watch. */
export const WATCH_POLL_MS = 50;

/** Between two rounds of the sweeper. */
export const SWEEP_INTERVAL_MS = 1000;
/** How long a node is the only one that sweeps, unless it renews that. */
export const SWEEP_LEASE_MS = 5000;
/** Expired entries that one script removes. */
export const SWEEP_STEP_ENTRIES = 200;
/** Entries of a deleted namespace that one script looks at. */
export const RECLAIM_STEP_ENTRIES = 500;
/** How long writers that have not heard of a namespace's end are refused (ten minutes). */
export const TOMBSTONE_KEPT_MS = 600_000;

/** Entries that one script of a check looks at. */
export const CHECK_STEP_ENTRIES = 500;
/** Problems that a check names. The others are counted. */
export const CHECK_PROBLEMS_MAX = 1000;
/** Entries of a bucket by which its bytes are estimated. */
export const USAGE_SAMPLE = 64;
/** A namespace whose largest bucket has more entries should be copied to one with more buckets. */
export const BUCKET_ENTRIES_MAX = 250_000;
/** The same for its bytes (256 MiB): a bucket moves to another node as a whole. */
export const BUCKET_BYTES_MAX = 268_435_456;
/** Between two looks at how full buckets are (ten minutes). */
export const GROWTH_CHECK_MS = 600_000;
