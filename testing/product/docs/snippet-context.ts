/** What every Worker finds, in the names of the documents. */
export const AMBIENT = `
  import type { KVNamespace as Namespace } from "@kvasir/client";
  declare global {
    type KVNamespace = Namespace;
    interface ExecutionContext { waitUntil(work: Promise<unknown>): void; passThroughOnException(): void }
    interface Env { [binding: string]: KVNamespace }
    interface Handlers {
      fetch?(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response>;
      scheduled?(event: { readonly cron: string; readonly scheduledTime: number }, env: Env, ctx: ExecutionContext): void | Promise<void>;
    }
    const env: Env;
  }`;

/** What the fragments of a page take for granted: declarations before each of them. */
export const PREAMBLES: Readonly<Record<string, string>> = {};

/** What does not compile by itself, and why. `begins` is the name of a file, or how its code begins. */
export const LEFT_OUT: readonly { readonly page: string; readonly begins: string; readonly reason: string }[] = [
  { page: "docs/extending/", begins: "packages/", reason: "compiled at its place in the repository (sketches.test.ts)" },
  { page: "docs/extending/operation.md", begins: "// packages/", reason: "lines of several files" },
];
