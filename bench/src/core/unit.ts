export type Unit = "ops/s" | "requests/s" | "entries/s" | "ms" | "µs" | "MB" | "bytes/entry" | "requests";
