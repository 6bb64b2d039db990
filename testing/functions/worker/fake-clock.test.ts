import { FakeClock } from "@kvasir/store";
import { afterEach, describe, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

const KV = { kv_namespaces: [{ binding: "KV", id: "kv" }] };

async function move(clock: FakeClock, ms: number): Promise<void> {
  clock.advance(ms);
  await clock.settled();
}

/** Returns the time from every source that a function has. */
const SAYS = `
  let clocks = {
    now: () => Date.now(),
    new: () => new Date().getTime(),
    text: () => Date.parse(Date() + " GMT"),
    subclass: () => new (class extends Date {})().getTime(),
    constructor: () => new (new Date(0).constructor)().getTime(),
  };
  const all = () => Object.fromEntries(Object.entries(clocks).map(([name, read]) => [name, read()]));
`;
const WORKER = `${SAYS}
  const atStart = Date.now();
  export default { async fetch(request, { KV }) {
    const { pathname } = new URL(request.url);
    if (pathname === "/clocks") return Response.json(all());
    if (pathname === "/start") return Response.json(atStart);
    if (pathname === "/kinds") return Response.json([
      new Date() instanceof Date, new Date(5).getTime(), new Date(2020, 1).getMonth(), Date.UTC(1970, 0), Date.name, Date.length,
    ]);
    if (pathname === "/timer") return new Response(await new Promise((resolve) => setTimeout(() => resolve("rang"), 1)));
    if (pathname === "/wait") {
      const before = Date.now();
      console.log("waiting");
      while (Date.now() === before) await new Promise((resolve) => setTimeout(resolve, 1));
      return Response.json(Date.now() - before);
    }
    const value = await KV.get("key", { cacheTtl: 60 });
    return new Response(value ?? "nothing");
  } };`;

let project: Project;
let running: Running;
afterEach(async () => {
  await running.close();
  project.remove();
});

async function start(
  files: Record<string, string>,
  options: { paths?: readonly string[]; processes?: number } = {},
) {
  const clock = new FakeClock();
  project = new Project(files);
  const { paths = ["."], ...others } = options;
  running = await runFunctions(
    paths.map((path) => `${project.root}/${path}`),
    { clock, ...others },
  );
  return { clock, json: async (path: string) => JSON.parse(await running.text(path)) };
}

const worker = () => ({ "wrangler.json": JSON.stringify({ main: "a.js", ...KV }), "a.js": WORKER });

describe("functions under a fake clock", () => {
  it("have a Date that stands still, and moves with the clock", async () => {
    const { clock, json } = await start(worker());
    const everywhere = (ms: number) => ({ now: ms, new: ms, text: ms, subclass: ms, constructor: ms });
    const startMs = clock.nowMs();
    expect(await json("/clocks")).toEqual(everywhere(startMs));
    expect(await json("/start")).toBe(startMs);
    await move(clock, 90_000);
    expect(await json("/clocks")).toEqual(everywhere(startMs + 90_000));
  });

  it("have a Date that is otherwise the real one, and real timers", async () => {
    const { json } = await start(worker());
    expect(await json("/kinds")).toEqual([true, 5, 1, 0, "Date", 7]);
    expect(await running.text("/timer")).toBe("rang");
  });

  it("see an advance that is made while they run", async () => {
    const { clock, json } = await start(worker());
    const waited = json("/wait");
    await running.events.next("log", "waiting");
    await move(clock, 1000);
    expect(await waited).toBe(1000);
  });

  it("read from the isolate by the same time as the store", async () => {
    const { clock } = await start(worker());
    const outside = running.database.namespaceById("kv");
    await outside.put("key", "1");
    expect(await running.text("/")).toBe("1");
    await outside.put("key", "2");
    await move(clock, 59_999);
    expect(await running.text("/")).toBe("1");
    await move(clock, 1);
    expect(await running.text("/")).toBe("2");
  });

  it("keep the time over a reload", async () => {
    const { clock, json } = await start(worker());
    await move(clock, 5000);
    const before = await json("/start");
    project.write({ "a.js": WORKER.replace("nothing", "edited") });
    await running.events.next("log", "reloaded");
    expect(await json("/start")).toBe(before + 5000);
    expect(await json("/clocks")).toMatchObject({ now: clock.nowMs(), new: clock.nowMs() });
  });

  it("all have the time where several run, of whatever kind, in every process", async () => {
    const files = {
      "one.js": `export default { fetch: () => Response.json(Date.now()) };`,
      "two.js": `export async function handler(request) { return Response.json(new Date().getTime()); }`,
      "three.js": `module.exports = async (req, res) => { res.json(Date.now()); };`,
      "four.js": `addEventListener("fetch", (event) => event.respondWith(Response.json(Date.now())));`,
    };
    const { clock, json } = await start(files, { paths: Object.keys(files), processes: 2 });
    await move(clock, 1234);
    for (const name of ["one", "two", "three", "four"]) {
      for (let time = 0; time < 6; time++)
        expect([name, await json(`/${name}/`)]).toEqual([name, clock.nowMs()]);
    }
  });

  it("report real durations", async () => {
    const { clock } = await start(worker());
    await move(clock, 3_600_000);
    const waited = running.text("/wait");
    await running.events.next("log", "waiting");
    await move(clock, 3_600_000);
    await waited;
    const { ms } = await running.events.next("request", "/wait");
    expect(ms).toBeLessThan(600_000);
  });

  it("say so when one is too busy to be told, and have the time when it was started again", async () => {
    const { clock, json } = await start({
      ...worker(),
      "a.js": WORKER.replace("await new Promise((resolve) => setTimeout(resolve, 1))", "undefined"),
    });
    void running.text("/wait").catch(() => {});
    await running.events.next("log", "waiting");
    await expect(move(clock, 1000)).rejects.toMatchObject({ code: "unavailable" });
    process.kill(running.functions.pids[0] as number, "SIGKILL");
    await expect.poll(() => json("/clocks").catch(() => null)).toMatchObject({ now: clock.nowMs() });
  });
});
