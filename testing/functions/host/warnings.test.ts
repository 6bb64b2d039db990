import { expect, it } from "vitest";
import { startKvasir } from "../../harness/command.js";
import { startFunction } from "../../harness/start-function.js";
import { temporaryProject } from "../../harness/temporary-directory.js";

const CODE = (comparison: string, text: string) => `export default {
  fetch(request) {
    const n = Number(request.headers.get("n"));
    return new Response(${comparison} ? "nothing" : "${text}");
  },
};`;

it("warnings of a build are shown once for each build, with their place, until they are mended", async () => {
  const { project, events, ask } = await startFunction({
    "fn.js": CODE("n === NaN", "one"),
  });
  const warnings = () => events.all.filter((event) => event.event === "log" && event.level === "warn");
  const wanted = {
    function: "fn",
    message: expect.stringMatching(
      /^\S*fn\.js:4:2\d: Comparison with NaN using the "===" operator here is always false.*\n +4 \| .*\n +\| +\^/,
    ),
  };
  expect(warnings()).toEqual([expect.objectContaining(wanted)]);
  project.write({ "fn.js": CODE("n === NaN", "two") });
  await events.next("log", "reloaded");
  expect(warnings()).toHaveLength(2);
  project.write({ "fn.js": CODE("Number.isNaN(n)", "three") });
  await events.next("log", "reloaded");
  expect(await (await ask("/", { headers: { n: "1" } })).text()).toBe("three");
  expect(warnings()).toHaveLength(2);
});

it("warnings of the config and of the rules of assets come with the edit that causes them, and once", async () => {
  const config = (more: object) => JSON.stringify({ name: "fn", assets: { directory: "public" }, ...more });
  const { project, events } = await startFunction(
    { "wrangler.json": config({}), "public/a.html": "a", "public/_headers": "no rule\n" },
    { paths: [""] },
  );
  const next = async (text: string) => (await events.next("log", text)).message;
  expect(await next("_headers:1")).toContain("This line is ignored.");
  project.write({ "public/_redirects": "/only-one\n" });
  expect(await next("_redirects:1")).toContain("This line is ignored.");
  project.write({ "wrangler.json": config({ mian: "w.js" }) });
  expect(await next("unexpected")).toContain("mian (did you mean main?)");
  const rules = events.all.filter((event) => event.event === "log" && event.message.includes("_headers:1"));
  expect(rules).toHaveLength(1);
});

it("--assets runs a folder without a config", async () => {
  const cwd = temporaryProject({ "public/index.html": "home", "public/about.html": "about" });
  const dev = await startKvasir(["dev", "--assets", "public", "--port", "0", "--api-port", "0"], { cwd });
  expect(await (await fetch(`${dev.functions}/about`)).text()).toBe("about");
  expect((await fetch(`${dev.functions}/gone`)).status).toBe(404);
  expect(await dev.stop()).toBe(0);
  expect(dev.errors).toEqual([]);
});
