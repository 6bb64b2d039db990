import type { KVNamespace } from "@kvasir/client";

/** What wrangler.jsonc binds. `kvasir types` writes such declarations for a Worker of your own. */
export interface Env {
  readonly LINKS: KVNamespace;
  readonly TITLE: string;
}
