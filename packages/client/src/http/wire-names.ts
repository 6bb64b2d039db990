/**
 * Names that the HTTP client and the server's binding dialect share. The SDKs for Python and Go have copies. Single
 * constants, because a bundler then leaves out those that a client does not use.
 */

/** An entry's metadata: JSON, in raw UTF-8 or escaped to ASCII. */
export const METADATA_HEADER = "CF-KV-Metadata";
/** When an entry expires, in seconds since the epoch. */
export const EXPIRATION_HEADER = "CF-Expiration";
/** Whether a cache answered: `HIT` or `MISS`. */
export const CACHE_STATUS_HEADER = "CF-Cache-Status";
/** An entry's version, in quotation marks. */
export const VERSION_HEADER = "ETag";
/** The version at which a write finds its entry, in quotation marks. */
export const IF_VERSION_HEADER = "If-Match";
/** `*`: a write finds no entry. */
export const IF_ABSENT_HEADER = "If-None-Match";

/** Paths below a namespace. */
export const BULK_GET_PATH = "/bulk/get";
export const ATOMIC_PATH = "/bulk/atomic";
export const EXPORT_PATH = "/bulk/export";
export const IMPORT_PATH = "/bulk/import";
/** Paths below a key. */
export const INCREMENT_PATH = "/increment";
export const TOUCH_PATH = "/touch";

/** Paths of the server itself. */
export const BACKUP_PATH = "/kvasir/backup";
export const CHECK_PATH = "/kvasir/check";
/** What the response with a snapshot says about it: its size, when it was taken (ms), its position, its format. */
export const SNAPSHOT_HEADERS = {
  bytes: "Content-Length",
  at: "Kvasir-Snapshot-At",
  position: "Kvasir-Snapshot-Position",
  format: "Kvasir-Snapshot-Format",
} as const;

/** Query parameters whose name is not that of the option. */
const QUERY_NAMES: Readonly<Record<string, string>> = {
  limit: "key_count_limit",
  cacheTtl: "cache_ttl",
  expirationTtl: "expiration_ttl",
  dryRun: "dry_run",
};

/** The query parameter that stands for an option. */
export function queryNameOf(option: string): string {
  return QUERY_NAMES[option] ?? option;
}
