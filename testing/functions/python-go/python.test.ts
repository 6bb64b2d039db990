import { afterEach, beforeEach, expect, it } from "vitest";
import { ABANDON_GRACE_MS, PING_TIMEOUT_MS } from "../../../packages/kvasir/src/functions/process/limits.js";
import { type Running, runFunctions } from "../../harness/functions.js";
import { PYTHON } from "../../harness/languages.js";
import { Project } from "../../harness/project.js";
import { describeWith } from "../../harness/requirements.js";
import { converse } from "./converse.js";

describeWith(PYTHON, "a Python function", () => {
  let project: Project;
  let running: Running | undefined;

  beforeEach(() => {
    project = new Project();
  });
  afterEach(async () => {
    await running?.close();
    running = undefined;
    project.remove();
  });

  const start = async (files: Record<string, string>, options: Parameters<typeof runFunctions>[1] = {}) => {
    project.write(files);
    const functions = Object.keys(files).filter((name) => name.endsWith("fn.py"));
    running = await runFunctions(
      functions.map((name) => `${project.root}/${name}`),
      options,
    );
    return running;
  };
  const returning = (value: string) => `async def handler(request):\n    return ${value}\n`;

  it("has a namespace of its own, titled after it, in which entries may live from one second on", async () => {
    const { text, database } = await start({
      "fn.py": `
async def handler(request):
    await kv_put("key", "value", ttl=1, metadata={"a": 1})
    names = [key.name for key in (await kv_list()).keys]
    return [await kv_get("key"), names, os.environ["KV_NAMESPACE_ID"], os.environ["KV_KV_ID"]]
`,
    });
    const [value, names, id, named] = JSON.parse(await text()) as [string, string[], string, string];
    expect([value, names]).toEqual(["value", ["key"]]);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(named).toBe(id);
    expect((await database.catalog.get(id.replaceAll("-", "")))?.title).toBe("fn");
  });

  it("sees its variables and not the API's token", async () => {
    process.env["KVASIR_TOKEN"] = "secret";
    try {
      const { text } = await start({
        ".env": "GREETING=hello\n",
        "fn.py": returning(
          '[os.environ["GREETING"], "KVASIR_TOKEN" in os.environ, "secret" in str(os.environ)]',
        ),
      });
      expect(JSON.parse(await text())).toEqual(["hello", false, false]);
    } finally {
      delete process.env["KVASIR_TOKEN"];
    }
  });

  it("tells its requests, its output and its errors as events, and goes on after an exception", async () => {
    const { text, events, functions } = await start({
      "fn.py": `
async def handler(request):
    print("to stdout")
    print("to stderr", file=sys.stderr)
    logging.error("to the log")
    if request.path == "/bad":
        raise ValueError("bad luck")
    return "fine"
`,
    });
    const answer = await fetch(`${functions.url}/bad?x=1`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain("ValueError: bad luck");
    const printed = await events.next("log", "to stdout");
    expect(printed).toMatchObject({ level: "info", function: "fn" });
    const { stack } = await events.next("error", "bad luck");
    expect(stack).toMatch(/fn\.py", line 7, in handler/);
    expect(await events.next("request")).toMatchObject({ method: "GET", path: "/bad?x=1", status: 500 });
    expect(await text()).toBe("fine");
    expect(events.all).toContainEqual({ ...printed, level: "warn", message: "to stderr" });
    expect(events.all).toContainEqual({ ...printed, level: "error", message: "ERROR:root:to the log" });
  });

  it("answers in its new version after an edit of it or of a module that it imports", async () => {
    const { text, events } = await start({
      "fn.py": "import words\nasync def handler(request):\n    return words.GREETING\n",
      "words.py": 'GREETING = "one"\n',
    });
    expect(await text()).toBe("one");
    project.write({ "words.py": 'GREETING = "two"\n' });
    await events.next("log", "reloaded");
    expect(await text()).toBe("two");
    project.write({ "fn.py": returning('"three"') });
    await events.next("log", "reloaded");
    expect(await text()).toBe("three");
  });

  it("may have files beside it that are named as modules of Python, and imports its other files", async () => {
    const names = [
      "logging",
      "json",
      "http",
      "socket",
      "asyncio",
      "typing",
      "random",
      "email",
      "select",
      "types",
    ];
    const { text } = await start({
      ...Object.fromEntries(names.map((name) => [`${name}.py`, `OWN = "${name}"\n`])),
      "words.py": 'GREETING = "hello"\n',
      "fn.py": `
import http, json, logging, socket
import words

async def handler(request):
    await kv_put("key", "value")
    return [words.GREETING, await kv_get("key"), json.dumps([1]), hasattr(logging, "OWN")]
`,
    });
    expect(JSON.parse(await text())).toEqual(["hello", "value", "[1]", false]);
  });

  it("goes on in its last good version when an edit is wrong, and says where", async () => {
    const { text, events } = await start({ "fn.py": returning('"good"') });
    project.write({ "fn.py": "async def handler(request):\n    return )\n" });
    expect((await events.next("error", "SyntaxError")).message).toMatch(/fn\.py:2: SyntaxError: unmatched/);
    expect(await text()).toBe("good");
    project.write({ "fn.py": 'x = 1\nraise RuntimeError("at import")\n' });
    expect((await events.next("error", "at import")).message).toMatch(/fn\.py:2: RuntimeError: at import/);
    expect(await text()).toBe("good");
    project.write({ "fn.py": returning('"mended"') });
    await events.next("log", "reloaded");
    expect(await text()).toBe("mended");
  });

  it("says in each answer what is wrong when it never started, until an edit mends it", async () => {
    const { text, events } = await start({ "fn.py": "def handler(:\n" });
    expect(await text()).toMatch(/fn\.py:1: SyntaxError/);
    project.write({ "fn.py": returning('"mended"') });
    await events.next("log", "reloaded");
    expect(await text()).toBe("mended");
  });

  it("lets requests under way finish while a new version takes over", async () => {
    const { text, events } = await start({
      "fn.py": `
async def handler(request):
    print("waiting")
    while await kv_get("go") is None:
        await asyncio.sleep(0.01)
    return "old"
`,
    });
    const waiting = text();
    await events.next("log", "waiting");
    project.write({
      "fn.py": 'async def handler(request):\n    await kv_put("go", "1")\n    return "new"\n',
    });
    await events.next("log", "reloaded");
    expect(await text()).toBe("new");
    expect(await waiting).toBe("old");
  });

  it("is started again after a crash; requests that come meanwhile wait and are answered", async () => {
    const { text, events, functions } = await start({
      "fn.py": `
async def handler(request):
    if request.path == "/crash":
        os._exit(7)
    return str(os.getpid())
`,
    });
    const before = await text();
    const crashed = await fetch(`${functions.url}/crash`);
    expect(crashed.status).toBe(502);
    expect(await crashed.text()).toContain("The process of fn ended before it answered");
    const after = await Promise.all([text(), text(), text()]);
    expect(new Set(after).size).toBe(1);
    expect(after[0]).toMatch(/^\d+$/);
    expect(after[0]).not.toBe(before);
    expect((await events.next("error", "ended unasked")).message).toMatch(
      /code 7.*starting it again in 50 ms/,
    );
  });

  it("is started again also when a program that it started lives on with its output", async () => {
    const { text, events, functions } = await start({
      "fn.py": `
import subprocess
async def handler(request):
    if request.path == "/crash":
        subprocess.Popen(["sleep", "60"], start_new_session=True)
        os._exit(7)
    return "fine"
`,
    });
    await fetch(`${functions.url}/crash`);
    await events.next("error", "ended unasked");
    expect(await text()).toBe("fine");
  });

  it.each([
    ["async", "async def handler(request):"],
    ["plain", "def handler(request):"],
  ])(
    "in an endless loop (%s) gets 504 and a new process, and takes nothing else down",
    async (_kind, head) => {
      const { text, events, functions } = await start(
        {
          "fn.py": `${head}
    while request.path == "/loop":
        pass
    return str(os.getpid())
`,
          "other-fn.py": returning('"other"'),
        },
        { requestTimeoutMs: 1000 },
      );
      const before = await text("/fn/");
      const looping = fetch(`${functions.url}/fn/loop`);
      expect(await text("/other-fn/")).toBe("other");
      const answer = await looping;
      expect(answer.status).toBe(504);
      expect(await answer.text()).toBe("The function fn did not answer within 1 s.\n");
      await events.next("error", "Its process is replaced");
      expect(await text("/other-fn/")).toBe("other");
      // Until the old process has ended, it may still receive requests.
      await expect.poll(() => text("/fn/")).toSatisfy((pid) => /^\d+$/.test(pid as string) && pid !== before);
    },
  );

  it("that is only slow keeps its process: its call is cancelled when nobody waits any more", async () => {
    const { text, events, functions } = await start(
      {
        "fn.py": `
async def handler(request):
    if request.path == "/slow":
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            print("cancelled")
            raise
    return str(os.getpid())
`,
      },
      { requestTimeoutMs: 300 },
    );
    const before = await text();
    expect((await fetch(`${functions.url}/slow`)).status).toBe(504);
    await events.next("log", "cancelled");
    expect(await text()).toBe(before);
    expect(events.all.filter(({ event }) => event === "error")).toEqual([]);
  });

  it("that had no CPU to answer keeps its process", async () => {
    const { text, events, functions } = await start(
      { "fn.py": returning("str(os.getpid())") },
      { requestTimeoutMs: 300 },
    );
    const pid = Number(await text());
    process.kill(pid, "SIGSTOP");
    expect((await fetch(functions.url)).status).toBe(504);
    // The test shows that nothing happens, so it can only wait for time to pass.
    await new Promise((resolve) => setTimeout(resolve, ABANDON_GRACE_MS + 1.2 * PING_TIMEOUT_MS));
    process.kill(pid, "SIGCONT");
    await expect.poll(() => text()).toBe(String(pid));
    expect(events.all.filter(({ event }) => event === "error")).toEqual([]);
  });

  it("streams bodies in and out as they come", async () => {
    const { functions } = await start({
      "fn.py": `
async def handler(request):
    async def louder():
        async for piece in request.stream():
            yield piece.upper()
    return louder()
`,
    });
    expect(await converse(functions.url, ["one", "two"])).toEqual(["ONE", "TWO"]);
  });

  it("runs in the environment that lies beside it, else says what is missing", async () => {
    process.env["KVASIR_PYTHON"] = "/nowhere/python";
    try {
      await expect(start({ "fn.py": returning("1") })).rejects.toThrow(
        /KVASIR_PYTHON is \/nowhere\/python, which does not exist/,
      );
    } finally {
      delete process.env["KVASIR_PYTHON"];
    }
  });

  it("in serve shows nothing of an exception, and shares its socket among several processes", async () => {
    const { text } = await start(
      {
        "fn.py": `
async def handler(request):
    if request.path == "/bad":
        raise ValueError("secret")
    # On purpose in the way of everything else in this process: the next connection is for the other one.
    time.sleep(0.1)
    return str(os.getpid())
`,
      },
      { mode: "serve", processes: 2 },
    );
    expect(await text("/bad")).toBe("Internal Server Error\n");
    const seen = new Set<string>();
    const askAtOnce = () => Promise.all(Array.from({ length: 6 }, async () => seen.add(await text())));
    await expect.poll(async () => askAtOnce().then(() => seen.size)).toBe(2);
  });
});
