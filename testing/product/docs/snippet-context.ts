/** What a module of a function finds, in the names of the documents. */
export const AMBIENT = `
  import type { KVNamespace as Namespace } from "@kvasir/client";
  declare global {
    type KVNamespace = Namespace;
    interface ExecutionContext {
      waitUntil(work: Promise<unknown>): void;
      passThroughOnException(): void;
    }
    interface Env { [binding: string]: KVNamespace }
    interface Handlers {
      fetch?(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response>;
    }
    interface CacheStorage { readonly default: Cache }
  }`;

const NAMESPACE = `import type { KVNamespace as Namespace } from "@kvasir/client"; declare const kv: Namespace;`;

/**
 * What the code of a page takes for granted, by the page and, for code with the name of a file, `#` and that name.
 * It is declared before each fragment.
 */
export const PREAMBLES: Readonly<Record<string, string>> = {
  "docs/extending/store-engine.md": `
    import { FakeClock, type Clock } from "@kvasir/store";
    declare function openMapStore(clock: Clock): object;
    declare function describeStore(name: string, under: {
      readonly supports: Readonly<Record<string, boolean>>;
      readonly open: () => Promise<{ store: object; clock: FakeClock }>;
    }): void;`,
  "docs/guides/atomics.md": NAMESPACE,
  "docs/guides/frameworks.md": `
    type NitroEvent = { readonly context: Record<string, unknown> };
    declare function defineNitroPlugin(plugin: (nitroApp: {
      readonly hooks: { hook(name: "request", handle: (event: NitroEvent) => Promise<void>): void };
    }) => void): unknown;
    declare global { interface ImportMeta { readonly dev: boolean } }`,
  "docs/guides/functions.md#hello.js": `
    declare function kvGet(key: string): Promise<string | null>;
    declare function kvPutWithTTL(key: string, value: string, seconds: number): Promise<void>;`,
  "docs/guides/functions.md#counter.js": `
    declare const kv: { get(key: string): Promise<any>; set(key: string, value: unknown, seconds?: number): Promise<void> };`,
  "docs/guides/testing.md": `import { open } from "@kvasir/store"; import { vi } from "vitest";`,
  "docs/internals.md": "declare const env: Env;",
  "docs/recipes/README.md": `
    ${NAMESPACE}
    declare function answer(request: Request, cache: import("@kvasir/client/recipes").Cache): Promise<Response>;`,
  "docs/recipes/cache.md": `
    import { type Context, Hono } from "hono";
    import { cache, perBinding } from "@kvasir/client/recipes";
    type AppEnv = { Bindings: { CACHE: KVNamespace } };
    const app = new Hono<AppEnv>();
    const cacheOf = perBinding((kv) => cache(kv));`,
  "docs/recipes/event-log.md": `
    declare const log: import("@kvasir/client/recipes").EventLog<string>;
    declare const signal: AbortSignal;
    declare function handle(data: string): Promise<void>;
    let lastSeen: number | null = 0;`,
  "docs/recipes/rate-limit.md": `
    import { Hono } from "hono";
    type AppEnv = { Bindings: { LIMITS: KVNamespace }; Variables: { user: { id: string } } };
    const app = new Hono<AppEnv>();`,
  "docs/recipes/sessions.md": `
    import { sessions } from "@kvasir/client/recipes";
    declare const env: Env;`,
};

/** Code that JavaScript has no types for, and how its page says that it is written in TypeScript. */
export const IN_TYPESCRIPT: readonly { readonly page: string; readonly from: string; readonly to: string }[] =
  [
    { page: "docs/guides/frameworks.md", from: "getPlatformProxy()", to: "getPlatformProxy<Env>()" },
    {
      page: "docs/guides/typed-client.md",
      from: 'kv(database.namespace("app"), { prefix: "user:"',
      to: 'kv<{ name: string; role: string }>(database.namespace("app"), { prefix: "user:"',
    },
    {
      page: "docs/recipes/sessions.md",
      from: "sessions(env.SESSIONS",
      to: "sessions<{ cart: string[] }>(env.SESSIONS",
    },
  ];

/** What does not compile by itself, and why. `begins` is the name of a file, or how its code begins. */
export const LEFT_OUT: readonly {
  readonly page: string;
  readonly begins: string;
  readonly reason: string;
}[] = [
  {
    page: "docs/extending/",
    begins: "packages/",
    reason: "sketches.test.ts compiles it at its place in the repository",
  },
  {
    page: "docs/guides/frameworks.md",
    begins: "// svelte.config.js",
    reason: "its adapter is installed for testing/product/frameworks alone, which runs it",
  },
  { page: "docs/extending/operation.md", begins: "// packages/", reason: "lines of several files" },
];
