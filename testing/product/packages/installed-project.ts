import { execFile, spawn } from "node:child_process";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { NODE_MODULES } from "../../harness/checkout.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { KvasirProcess } from "../../harness/kvasir-process.js";

/** The project of somebody who installed the packages: a Worker, a program, and TypeScript in its strictest form. */
const FILES = {
  "worker.js": `export default {
    fetch: async (request, env) => new Response("Visit number " + (await env.VISITS.increment("/"))),
  };`,
  "wrangler.jsonc": JSON.stringify({
    name: "hello",
    main: "worker.js",
    kv_namespaces: [{ binding: "VISITS", id: "visits" }],
  }),
  "program.ts": `import { connect, connectAdmin, type KVNamespace } from "@kvasir/client";
    import { kv } from "@kvasir/client/typed";
    import { open } from "@kvasir/store";
    import { getPlatformProxy, startApiServer } from "kvasir";

    const database = open(":memory:");
    const server = await startApiServer({ database, host: "127.0.0.1", port: 0, auth: { mode: "dev" } });
    const { id } = await connectAdmin({ url: server.url }).namespaces.create("notes");
    await database.namespace("notes").put("a", "from the store");
    const notes: KVNamespace = connect({ url: server.url, namespace: id });
    const first: string | null = await notes.get("a");
    await kv<{ text: string }>(notes).put("b", { text: "typed" });
    const second: { text: string } | null = await notes.get<{ text: string }>("b", "json");
    await server.close();
    await database.close();

    const { env, dispose } = await getPlatformProxy<{ VISITS: KVNamespace }>();
    await env.VISITS.put("/", "41");
    const third: string | null = await env.VISITS.get("/");
    await dispose();
    console.log(JSON.stringify([first, second, third]));`,
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      target: "ES2022",
      lib: ["ES2023"],
      module: "NodeNext",
      typeRoots: [join(NODE_MODULES, "@types")],
      types: ["node"],
    },
    files: ["program.ts"],
  }),
};

export function writeProject(folder: string): void {
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
}

/** Runs `npx kvasir dev` until the end of the test. @returns where the Worker responds */
export async function npxKvasirDev(folder: string): Promise<string> {
  const child = spawn("npx", ["kvasir", "dev", "--port", "0", "--api-port", "0"], {
    cwd: folder,
    env: cleanEnvironment(),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kvasir = new KvasirProcess(child);
  onTestFinished(async () => {
    // As Ctrl-C in a terminal, to the whole group: npx itself forwards nothing.
    if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    await kvasir.ended;
  });
  const { functions = "" } = await kvasir.ready();
  return functions;
}

/** Compiles and runs the program. @throws with the compiler's complaints. @returns what it prints */
export async function compileAndRun(folder: string): Promise<string> {
  const run = promisify(execFile);
  const tsc = join(NODE_MODULES, "typescript/bin/tsc");
  await run(process.execPath, [tsc, "-p", folder]).catch(({ stdout }: { stdout: string }) => {
    throw new Error(stdout);
  });
  const { stdout } = await run(process.execPath, ["program.js"], { cwd: folder, env: cleanEnvironment() });
  return stdout.trim();
}

/** The size of all files in some folders, in bytes. A file with several names counts once. */
export function bytesOf(...folders: readonly string[]): number {
  const bytes = new Map<number, number>();
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const { ino, size } = statSync(join(entry.parentPath ?? entry.path, entry.name));
      bytes.set(ino, size);
    }
  }
  return [...bytes.values()].reduce((sum, size) => sum + size, 0);
}
