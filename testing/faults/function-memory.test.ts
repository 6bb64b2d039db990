import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startKvasir } from "../harness/command.js";
import type { KvasirProcess } from "../harness/kvasir-process.js";
import { GO, PYTHON } from "../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../harness/limits.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

// A function that allocates without end is ended at its limit and restarted, alone. Its neighbours keep their
// state, and the API responds all the time.

const MEMORY_MB = 256;
/** If the limit fails, the kernel ends this test and not the machine, in KiB. */
const FENCE_KIB = 4 * 1_048_576;
const PROBE_MS = 100;

const NEIGHBOUR = `let id;
export default { fetch: () => new Response(id ??= crypto.randomUUID()) };`;

/** Each function allocates at `/eat`, and returns its process id at any other path. */
const EATERS = {
  buffers: {
    file: "eater.js",
    source: `const kept = [];
let id;
export default { fetch({ url }) {
  if (url.endsWith("/eat")) for (;;) kept.push(new Uint8Array(1 << 20).fill(1));
  return new Response(id ??= crypto.randomUUID());
} };`,
  },
  objects: {
    file: "eater.js",
    source: `const kept = [];
let id;
export default { fetch({ url }) {
  if (url.endsWith("/eat")) for (;;) kept.push({ at: kept.length, parts: [1, 2, {}] });
  return new Response(id ??= crypto.randomUUID());
} };`,
  },
  python: {
    file: "eater.py",
    source: `
kept = []
async def handler(request):
    while request.path == "/eat":
        kept.append(bytearray(b"1") * (1 << 20))
    return str(os.getpid())
`,
  },
  "a program that Python starts": {
    file: "eater.py",
    source: `
import subprocess, sys
async def handler(request):
    if request.path == "/eat":
        subprocess.run([sys.executable, "-c", "kept = []\\nwhile True: kept.append(bytearray(b'1') * (1 << 20))"])
    return str(os.getpid())
`,
  },
  go: {
    file: "eater.go",
    source: `
var kept [][]byte

func handler(w http.ResponseWriter, r *http.Request) {
	for r.URL.Path == "/eat" {
		part := make([]byte, 1<<20)
		for at := range part {
			part[at] = 1
		}
		kept = append(kept, part)
	}
	fmt.Fprint(w, os.Getpid())
}
`,
  },
};

const LINUX = { name: "Linux", met: process.platform === "linux" };

describeWith(LINUX, "a Worker", () => {
  it("that keeps buffers without end is replaced alone", () => isReplacedAlone(EATERS.buffers));
  it("that keeps objects without end is replaced alone", () => isReplacedAlone(EATERS.objects));
});

describeWith(PYTHON, "a Python function", () => {
  it("that keeps bytes without end is replaced alone", () => isReplacedAlone(EATERS.python));
  it("that starts a program which does so is replaced alone", () =>
    isReplacedAlone(EATERS["a program that Python starts"]));
});

describeWith(GO, "a Go function", () => {
  it(
    "that keeps slices without end is replaced alone",
    () => isReplacedAlone(EATERS.go),
    FIRST_BUILD_TIMEOUT_MS,
  );
});

async function isReplacedAlone({ file, source }: { file: string; source: string }): Promise<void> {
  const server = await startFenced({ [file]: source, "neighbour.js": NEIGHBOUR });
  const read = async (path: string) => (await fetch(`${server.functions}${path}`)).text();
  const [before, neighbour] = [await read("/eater/"), await read("/neighbour/")];
  const health = watchHealth(server);

  const eaten = await fetch(`${server.functions}/eater/eat`);
  expect(eaten.status).toBe(502);
  const event = JSON.parse(await server.line(/"event":"error".*more than its limit/));
  expect(event.message).toMatch(
    /eater,? used \d+ MB of memory, more than its limit of 256 MB; starting it again in/,
  );
  expect(event).toMatchObject({ function: "eater", hint: expect.stringContaining("--memory") });
  const used = Number(/used (\d+) MB/.exec(event.message)?.[1]);
  // It is noticed soon after it passes the limit, however fast it allocates.
  expect(used).toBeLessThan(2 * MEMORY_MB);

  await expect.poll(() => read("/eater/")).not.toMatch(/ended before it answered/);
  expect(await read("/eater/")).not.toBe(before);
  expect(await read("/neighbour/")).toBe(neighbour);
  expect(await health()).toBeLessThan(1000);
  expect(server.lines.filter((line) => line.includes('"event":"error"'))).toHaveLength(1);
}

/** Polls the API's health. The returned function stops that and returns the longest wait, in milliseconds. */
function watchHealth(server: KvasirProcess): () => Promise<number> {
  let isWatching = true;
  let longestMs = 0;
  const watching = (async () => {
    while (isWatching) {
      const startedMs = performance.now();
      expect((await fetch(`${server.api}/healthz`)).status).toBe(200);
      longestMs = Math.max(longestMs, performance.now() - startedMs);
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
  })();
  return async () => {
    isWatching = false;
    await watching;
    return longestMs;
  };
}

async function startFenced(files: Readonly<Record<string, string>>): Promise<KvasirProcess> {
  const cwd = temporaryDirectory();
  for (const [name, source] of Object.entries(files)) writeFileSync(join(cwd, name), source);
  const args = ["dev", ...Object.keys(files), "--port", "0", "--api-port", "0", "--json", "--memory"];
  const through = ["/bin/sh", "-c", `ulimit -d ${FENCE_KIB}; exec "$0" "$@"`];
  return await startKvasir([...args, String(MEMORY_MB)], { cwd, through });
}
