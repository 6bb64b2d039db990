import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startKvasir } from "../../harness/command.js";
import { GO, PYTHON } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { allOf, describeWith, requireFile } from "../../harness/requirements.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

/**
 * Reads what a function could see of its surroundings: environments, command lines and open files of all
 * Kvasir processes.
 */
const SPY = `
import os, stat

def parent(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])

def read(path):
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""

def descends(pid, root):
    while pid > 1:
        if pid == root:
            return True
        pid = parent(pid)
    return False

async def handler(request):
    root = int(request.url.rpartition("/")[2])
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if not descends(int(pid), root):
                continue
            fds = [f"/proc/{pid}/fd/{fd}" for fd in os.listdir(f"/proc/{pid}/fd")]
        except OSError:
            continue
        for path in [f"/proc/{pid}/environ", f"/proc/{pid}/cmdline", *fds]:
            if b"hidden-" in read(path):
                found[path] = os.readlink(f"/proc/{pid}/exe")
        found["processes"] = found.get("processes", 0) + 1
    return found
`;

const PROC = requireFile("/proc", "/proc/self/environ");

const FDS = {
  python: `
import os
async def handler(request):
    fds = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    return [os.readlink(fd) for fd in fds if os.path.lexists(fd)]
`,
  go: `func handler(w http.ResponseWriter, r *http.Request) {
	fds, _ := filepath.Glob("/proc/self/fd/*")
	files := []string{}
	for _, fd := range fds {
		target, _ := os.Readlink(fd)
		files = append(files, target)
	}
	json.NewEncoder(w).Encode(files)
}
`,
};

describeWith(allOf(PYTHON, GO, PROC), "a function that is a process", () => {
  it("inherits no file that Kvasir has open, the database least of all", {
    timeout: FIRST_BUILD_TIMEOUT_MS,
  }, async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, "python.py"), FDS.python);
    writeFileSync(join(cwd, "golang.go"), FDS.go);
    const dev = await startKvasir(["dev", "python.py", "golang.go", "--port", "0", "--api-port", "0"], {
      cwd,
    });
    for (const name of ["python", "golang"]) {
      const open = (await (await fetch(`${dev.functions}/${name}/`)).json()) as string[];
      // The files that the language's runtime itself opens are elsewhere.
      expect(open.filter((file) => file.startsWith(cwd))).toEqual([]);
    }
  });
});

describeWith(allOf(PYTHON, PROC), "Kvasir's processes, as a Python function sees them", () => {
  it("show neither the API's token nor the secrets of another function", async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, "spy.py"), SPY);
    const other = temporaryDirectory();
    writeFileSync(join(other, "wrangler.json"), '{"name":"other","main":"w.js"}');
    writeFileSync(join(other, ".dev.vars"), "SECRET=hidden-variable\n");
    writeFileSync(
      join(other, "w.js"),
      "export default { fetch: (request, env) => new Response(env.SECRET) };",
    );
    const server = await startKvasir(
      ["serve", join(cwd, "spy.py"), other, "--workers", "2", "--port", "0", "--api-port", "0"],
      { cwd, env: { KVASIR_TOKEN: "hidden-token" } },
    );
    expect(await (await fetch(`${server.functions}/other/`)).text()).toBe("hidden-variable");
    const authorization = "Bearer hidden-token";
    expect((await fetch(`${server.api}/client/v4/accounts`, { headers: { authorization } })).status).toBe(
      200,
    );
    const found = await (await fetch(`${server.functions}/spy/${server.pid}`)).json();
    // This process, two workers, two workerd processes, two Python processes, guards and the bundler.
    expect(found).toEqual({ processes: expect.any(Number) });
    expect((found as { processes: number }).processes).toBeGreaterThanOrEqual(7);
  });
});
