/** The addresses of the views. They can be sent to somebody. */
export const paths = {
  namespaces: "/dashboard/namespaces",
  live: "/dashboard/live",
  usage: "/dashboard/usage",
  tokens: "/dashboard/tokens",
  keys: (namespace: string, prefix = "") =>
    `/dashboard/namespaces/${encodeURIComponent(namespace)}${prefix === "" ? "" : `?prefix=${encodeURIComponent(prefix)}`}`,
  entry: (namespace: string, key: string) =>
    `/dashboard/namespaces/${encodeURIComponent(namespace)}/keys/${encodeURIComponent(key)}`,
  newEntry: (namespace: string) => `/dashboard/namespaces/${encodeURIComponent(namespace)}/new`,
} as const;
