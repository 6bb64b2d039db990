import type { FakeClock, KVNamespace } from "@kvasir/store";
import { transformSync } from "esbuild";
import type { Events } from "../../harness/events.js";
import { runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

export interface SnippetOptions {
  /** TypeScript statements that use `env` and what is in `scope`. */
  readonly source: string;
  /** Values for names that the document leaves open. `{ repeat: n }` is a text of that length. */
  readonly scope: Readonly<Record<string, unknown>>;
  readonly clock: FakeClock;
  readonly bindings: readonly string[];
}

export interface SnippetWorker {
  readonly events: Events;
  namespace(binding: string): KVNamespace;
  /** Runs the snippet on these entries. Returns what it declared, with bytes and streams as text. */
  results(
    entries?: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ): Promise<Record<string, unknown>>;
  /** Calls a function that the snippet declares, with `env` first. */
  call(name: string, args: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Runs statements of a document inside a Worker. */
export async function snippetWorker(options: SnippetOptions): Promise<SnippetWorker> {
  const { source, scope, clock, bindings } = options;
  const declared = declarations(source);
  const names = Object.keys(scope);
  const project = new Project({
    "wrangler.json": JSON.stringify({
      name: "snippet",
      main: "index.ts",
      kv_namespaces: bindings.map((binding) => ({ binding, id: binding })),
    }),
    "snippet.ts": `let fetched = 0;
const fetchFromAPI = async () => ({ fetched: ++fetched });
export default async (env: any, { ${names.join(", ")} }: any): Promise<any> => {
${source}
return { ${declared.join(", ")} };
};`,
    "index.ts": `import snippet from "./snippet";
const scope = Object.fromEntries(Object.entries(${JSON.stringify(scope)}).map(([name, value]: any) =>
  [name, typeof value !== "object" ? value : "x".repeat(value.repeat)]));
const plain = async (value: any): Promise<any> => {
  if (value instanceof ArrayBuffer || value instanceof ReadableStream) return new Response(value).text();
  return Array.isArray(value) ? Promise.all(value.map(plain)) : value;
};
export default { async fetch(request: Request, env: any) {
  const { call, args } = await request.json() as any;
  try {
    const left = await snippet(env, scope);
    if (call !== undefined) return Response.json({ result: await left[call](env, ...args) });
    const entries = Object.entries(left).filter(([, value]) => typeof value !== "function");
    return Response.json({ result: Object.fromEntries(await Promise.all(entries.map(async ([name, value]) => [name, await plain(value)]))) });
  } catch (error: any) { return Response.json({ error: error.message }); }
} };`,
  });
  const running = await runFunctions([project.root], { clock });
  const namespace = (binding: string) => running.database.namespaceById(binding);
  const post = async (body: object): Promise<unknown> => {
    const response = await fetch(running.functions.url, { method: "POST", body: JSON.stringify(body) });
    const { result, error } = (await response.json()) as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return result;
  };
  return {
    events: running.events,
    namespace,
    async results(entries = {}) {
      for (const [binding, values] of Object.entries(entries)) {
        for (const [key, value] of Object.entries(values)) await namespace(binding).put(key, value);
      }
      return (await post({})) as Record<string, unknown>;
    },
    call: (name, args) => post({ call: name, args }),
    async close() {
      await running.close();
      project.remove();
    },
  };
}

/** The names that statements declare at their outermost level. */
function declarations(source: string): string[] {
  const { code } = transformSync(source, { loader: "ts", format: "esm" });
  return [...code.matchAll(/^(?:const|let|async function|function) (?:(\w+)|\{([^}]*)\})/gm)].flatMap(
    ([, name, pattern]) => name ?? (pattern ?? "").split(",").map((each) => each.trim()),
  );
}
