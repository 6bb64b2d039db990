import { existsSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { PYTHON } from "../../harness/languages.js";
import { Project } from "../../harness/project.js";
import { describeWith } from "../../harness/requirements.js";

/**
 * Ways in which a Python function continues after its response: until the test releases it, and for a moment
 * more.
 */
const FUNCTIONS: Readonly<Record<string, string>> = {
  "a task": `
async def work():
    while not os.path.exists("go"):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    await kv_put("k", "v")
    open("written", "w").close()

async def handler(request):
    asyncio.create_task(work())
    return "responded"
`,
  "a task of a task": `
async def work():
    while not os.path.exists("go"):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    await kv_put("k", "v")
    open("written", "w").close()

async def begin():
    asyncio.get_running_loop().call_later(0.05, lambda: asyncio.ensure_future(work()))
    await asyncio.sleep(0.1)

async def handler(request):
    asyncio.ensure_future(begin())
    return "responded"
`,
  "a thread": `
import threading, time

def work():
    while not os.path.exists("go"):
        time.sleep(0.01)
    time.sleep(0.2)
    open("written", "w").close()

def handler(request):
    threading.Thread(target=work).start()
    return "responded"
`,
};

describeWith(PYTHON, "what a Python function goes on with after a response", () => {
  let project: Project;
  let running: Running | undefined;
  afterEach(async () => {
    await running?.close();
    running = undefined;
    project.remove();
  });

  async function begun(code: string): Promise<Running> {
    project = new Project({ "fn.py": `import asyncio, os\n${code}` });
    running = await runFunctions([`${project.root}/fn.py`]);
    expect(await running.text()).toBe("responded");
    return running;
  }

  const wrote = () => existsSync(`${project.root}/written`);

  it.each(Object.entries(FUNCTIONS))("is finished before it ends: %s", async (_name, code) => {
    const started = await begun(code);
    project.write({ go: "" });
    await started.functions.close();
    expect(wrote()).toBe(true);
    expect(started.events.all.filter(({ event }) => event === "error")).toEqual([]);
  });

  it.each(Object.entries(FUNCTIONS))("is finished by the version that began it: %s", async (_name, code) => {
    const started = await begun(code);
    project.write({ "fn.py": 'async def handler(request):\n    return "new"\n' });
    await started.events.next("log", "reloaded");
    expect(await started.text()).toBe("new");
    project.write({ go: "" });
    await started.functions.close();
    expect(wrote()).toBe(true);
  });

  it("is cut off when it takes too long, which is said once", async () => {
    const { functions, events } = await begun(`
async def forever():
    while True:
        await asyncio.sleep(60)

async def handler(request):
    asyncio.create_task(forever())
    return "responded"
`);
    const startMs = performance.now();
    await functions.close();
    expect(performance.now() - startMs).toBeLessThan(4_500);
    expect(events.all.filter(({ event }) => event === "log")).toEqual([
      {
        event: "log",
        level: "warn",
        function: "fn",
        message: "1 background task of fn did not finish in time and had to be cut off.",
      },
    ]);
  });
});
