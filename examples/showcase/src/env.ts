import type { KVNamespace } from "@kvasir/client";

/** The bindings in wrangler.jsonc. `kvasir types` generates such declarations for your own Worker. */
export interface Env {
  readonly LINKS: KVNamespace;
  readonly TITLE: string;
}
