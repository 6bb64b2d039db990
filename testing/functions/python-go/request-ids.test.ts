import { expect, it, onTestFinished } from "vitest";
import { runFunctions } from "../../harness/functions.js";
import { GO, PYTHON } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { Project } from "../../harness/project.js";
import { describeWith } from "../../harness/requirements.js";

/** Runs a function that is asked for each path, and returns what it tells of the requests. */
async function told(name: string, code: string, paths: readonly string[]) {
  const project = new Project({ [name]: code });
  onTestFinished(() => project.remove());
  const { functions, events, close } = await runFunctions([`${project.root}/${name}`], {
    cacheDirectory: `${project.root}/.cache`,
    logRequests: true,
  });
  onTestFinished(close);
  const bodies = await Promise.all(paths.map(async (path) => (await fetch(functions.url + path)).text()));
  for (const path of paths)
    await expect.poll(() => events.all.some((e) => "path" in e && e.path === path)).toBe(true);
  const ids = paths.map((path) => {
    const event = events.all.find((found) => "path" in found && found.path === path);
    return (event as { request: string }).request;
  });
  /** The first log line or error with a text, which may still be on its way. */
  const line = async (text: string) => {
    const find = () => events.all.find((event) => "message" in event && event.message.includes(text));
    await expect.poll(find).toBeDefined();
    return find() as { readonly message: string; readonly request?: string };
  };
  return { bodies, ids, line };
}

describeWith(PYTHON, "what a Python function prints", () => {
  it("has the id of its request, in tasks and threads of handlers, and no other line has", async () => {
    const code = `
import asyncio, logging, sys

print("at the start")

async def later(path):
    await asyncio.sleep(0.01)
    logging.error("later of %s", path)

async def handler(request):
    print("first of", request.path, "\\nsecond of " + request.path)
    if request.path == "/bad":
        raise ValueError("bad of " + request.path)
    await asyncio.create_task(later(request.path))
    sys.stderr.write("third of " + request.path + "\\n")
    return request.headers["x-request-id"]
`;
    const paths = ["/a", "/b", "/c"];
    const { ids, bodies, line } = await told("fn.py", code, [...paths, "/bad"]);
    expect(new Set(ids).size).toBe(4);
    expect(bodies.slice(0, 3)).toEqual(ids.slice(0, 3));
    for (const [index, path] of paths.entries()) {
      for (const text of ["first of", "second of", "later of", "third of"]) {
        const found = await line(`${text} ${path}`);
        expect(found).toMatchObject({ request: ids[index] });
        expect(found.message).not.toContain("\u001e");
      }
    }
    expect(await line("ValueError: bad of /bad")).toMatchObject({ request: ids[3] });
    expect(await line("at the start")).not.toHaveProperty("request");
  });

  it("has it in a plain function too, which runs in a thread", async () => {
    const code = 'def handler(request):\n    print("of " + request.path)\n    return "ok"\n';
    const { ids, line } = await told("fn.py", code, ["/a", "/b"]);
    expect(await line("of /a")).toMatchObject({ request: ids[0] });
    expect(await line("of /b")).toMatchObject({ request: ids[1] });
  });
});

describeWith(GO, "a Go function", () => {
  it(
    "gets the id of its request in a header, and the error of a panic has it",
    async () => {
      const code = `func handler(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/bad" { panic("bad") }
	fmt.Fprint(w, r.Header.Get("X-Request-Id"))
}
`;
      const { ids, bodies, line } = await told("fn.go", code, ["/a", "/bad"]);
      expect(bodies[0]).toBe(ids[0]);
      expect(await line("panic: bad")).toMatchObject({ request: ids[1] });
    },
    FIRST_BUILD_TIMEOUT_MS,
  );
});
