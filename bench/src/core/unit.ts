export type Unit =
  | "ops/s"
  | "requests/s"
  | "entries/s"
  | "ms"
  | "µs"
  | "MB"
  | "MB/s"
  | "bytes/entry"
  | "requests";
