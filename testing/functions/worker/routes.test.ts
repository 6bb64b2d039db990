import { request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

const ECHO = "export default { fetch: (request, env) => new Response(env.WHO + ' ' + request.url) };";
const worker = (name: string, settings: object) => ({
  [`${name}/wrangler.json`]: JSON.stringify({
    name,
    main: "../echo.js",
    compatibility_date: "2026-01-01",
    vars: { WHO: name },
    ...settings,
  }),
});

const FILES = {
  "echo.js": ECHO,
  ...worker("site", { route: "example.com/*" }),
  ...worker("api", {
    routes: ["example.com/api/*", { pattern: "*.example.com/*", zone_name: "example.com" }],
  }),
  ...worker("exact", { routes: ["https://example.com/api/exact", "deep.sub.example.com/*"] }),
  ...worker("shop", { routes: [{ pattern: "shop.example.org", custom_domain: true }] }),
  ...worker("plain", {}),
};

let project: Project;
let running: Running;
beforeAll(async () => {
  project = new Project(FILES);
  const names = ["site", "api", "exact", "shop", "plain"];
  running = await runFunctions(names.map((name) => `${project.root}/${name}`));
});
afterAll(async () => {
  await running.close();
  project.remove();
});

function ask(host: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      running.functions.url + path,
      { headers: { Host: host }, agent: false },
      (response) => {
        let text = "";
        response.on("data", (part) => {
          text += part;
        });
        response.on("end", () => resolve(text));
      },
    );
    sent.on("error", reject).end();
  });
}

it.each([
  ["example.com", "/", "site http://example.com/"],
  ["EXAMPLE.com:8787", "/a?b=c", "site http://example.com:8787/a?b=c"],
  ["example.com", "/api/x", "api http://example.com/api/x"],
  ["example.com", "/apix", "site http://example.com/apix"],
  ["example.com", "/api/exact", "exact http://example.com/api/exact"],
  ["example.com", "/api/exact?q", "api http://example.com/api/exact?q"],
  ["a.example.com", "/", "api http://a.example.com/"],
  ["deep.sub.example.com", "/", "exact http://deep.sub.example.com/"],
  ["shop.example.org", "/any/path", "shop http://shop.example.org/any/path"],
  ["localhost", "/plain/path", "plain http://localhost/path"],
  ["localhost", "/site/path", "site http://localhost/path"],
])("%s%s leads to %s", async (host, path, expected) => {
  expect(await ask(host, path)).toBe(expected);
});

it("an address that no route matches is not found", async () => {
  expect(await ask("other.org", "/")).toContain("The functions here are:\n  /site/\n");
});

it("one Worker alone gets every request, whatever its routes", async () => {
  const alone = await runFunctions([`${project.root}/site`]);
  try {
    expect(await alone.text("/elsewhere")).toContain("/elsewhere");
  } finally {
    await alone.close();
  }
});

it("two Workers with the same route do not start", async () => {
  project.write(worker("copy", { route: "example.com/*" }));
  const starting = runFunctions([`${project.root}/site`, `${project.root}/copy`]);
  await expect(starting).rejects.toThrow("site and copy have the same route example.com/*.");
});
