import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { kvasir, startKvasir } from "../../harness/command.js";
import { GO, PYTHON } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { Project } from "../../harness/project.js";
import { allOf, describeWith } from "../../harness/requirements.js";

const FILES = {
  "py.py": `
async def handler(request):
    while request.path == "/loop":
        pass
    return str(os.getpid())
`,
  "golang.go": `
func handler(w http.ResponseWriter, r *http.Request) {
	for r.URL.Path == "/loop" {
	}
	fmt.Fprint(w, os.Getpid())
}
`,
};

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie: it has ended, but its new parent has not collected it yet.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || readFileSync(stat, "utf8").split(") ")[1]?.[0] !== "Z";
}

/** A program that runs functions of both languages, and the ids of their processes. */
async function started(project: Project) {
  const paths = Object.keys(FILES).map((name) => join(project.root, name));
  const data = join(project.root, "data");
  const server = await startKvasir(["dev", ...paths, "--port", "0", "--api-port", "0", "--data", data]);
  const pidOf = async (name: string) => Number(await (await fetch(`${server.functions}/${name}/`)).text());
  return { server, pids: [await pidOf("py"), await pidOf("golang")] };
}

describeWith(allOf(PYTHON, GO), "the processes of functions", () => {
  it(
    "end with a Kvasir that is killed, also those that loop",
    async () => {
      const project = new Project(FILES);
      const { server, pids } = await started(project);
      for (const name of ["py", "golang"]) fetch(`${server.functions}/${name}/loop`).catch(() => undefined);
      expect(pids.map(lives)).toEqual([true, true]);
      await server.stop("SIGKILL");
      await expect.poll(() => pids.map(lives)).toEqual([false, false]);
      project.remove();
    },
    FIRST_BUILD_TIMEOUT_MS,
  );

  it(
    "end with a Kvasir that is stopped, and leave no program behind",
    async () => {
      const project = new Project(FILES);
      const { server, pids } = await started(project);
      expect(await server.stop("SIGTERM")).toBe(0);
      expect(pids.map(lives)).toEqual([false, false]);
      project.remove();
    },
    FIRST_BUILD_TIMEOUT_MS,
  );
});

it.each([
  ["py.py", /There is no python3|there is no python3 on the PATH/, /Install Python 3\.9 or newer/],
  ["golang.go", /there is no go on the PATH/, /Install Go 1\.21 or newer/],
])("a missing interpreter of %s is one clear message", async (name, message, hint) => {
  const project = new Project(FILES);
  const empty = join(project.root, "empty");
  mkdirSync(empty);
  const args = [
    "dev",
    join(project.root, name),
    "--port",
    "0",
    "--api-port",
    "0",
    "--data",
    join(project.root, "d"),
  ];
  const { code, stderr } = await kvasir(args, { env: { PATH: empty } });
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(hint);
  expect(stderr).not.toMatch(/\n\s+at /);
  project.remove();
});
