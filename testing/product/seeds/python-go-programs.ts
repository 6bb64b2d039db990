import { afterAll, beforeAll, expect } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { GO, OPENSSL, PYTHON_WITH_HTTPX } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { type Origin, startOrigin } from "../../harness/origin.js";
import { Project } from "../../harness/project.js";
import { allOf, describeWith } from "../../harness/requirements.js";
import { fencedBlocks } from "./fenced-blocks.js";
import { describeSeed } from "./seed-table.js";

const PATTERNS = ["session", "cache", "flags"] as const;

/** What the document leaves to its reader: the two pages that the flag chooses between. */
const PAGES = {
  python: {
    "prelude.py": `def serve_new_ui(request):
    return "new " + request.path

def serve_old_ui(request):
    return "old " + request.path
`,
  },
  go: {
    "pages.go": `package main

func serveNewUI(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "new ", r.URL.Path) }
func serveOldUI(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "old ", r.URL.Path) }
`,
  },
};

const LANGUAGES = [
  { language: "python", system: "Python", file: "function.py", requirement: PYTHON_WITH_HTTPX },
  { language: "go", system: "Go", file: "function.go", requirement: GO },
] as const;

for (const { language, system, file, requirement } of LANGUAGES) {
  const seed = { number: "001", system: `Telnyx KV with expiry in the program (${system})`, programs: 3 };
  describeWith(allOf(requirement, OPENSSL), system, () =>
    describeSeed(seed, ({ text, program }) => {
      const programs = fencedBlocks(text).filter((block) => block.language === language);
      let project: Project;
      let origin: Origin;
      let running: Running;

      beforeAll(async () => {
        project = new Project();
        origin = await startOrigin("api.example.com", project.root, (request) => `data ${request}`);
        const manifest = (pattern: string) => `[edge_compute]
func_name = "${pattern}"
[storage.kv.MY_CACHE]
id = "${pattern}-data"
[env_vars]
${Object.entries(origin.variables)
  .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  .join("\n")}
`;
        for (const [at, pattern] of PATTERNS.entries()) {
          project.write({
            [`${pattern}/func.toml`]: manifest(pattern),
            [`${pattern}/${file}`]: programs[at]?.code ?? "",
          });
        }
        for (const [name, text] of Object.entries(PAGES[language]))
          project.write({ [`flags/${name}`]: text });
        running = await runFunctions(PATTERNS.map((pattern) => `${project.root}/${pattern}`));
      }, FIRST_BUILD_TIMEOUT_MS);

      afterAll(async () => {
        await running.close();
        await origin.close();
        project.remove();
      });

      const ask = async (path: string, headers: Record<string, string> = {}) =>
        fetch(running.functions.url + path, { headers });
      /** Makes an entry expire without a wait. */
      const expire = async (namespace: string, key: string) => {
        const kv = running.database.namespaceById(namespace);
        const stored = (await kv.get(key, "json")) as { value: string; expires_at: number };
        await kv.put(key, JSON.stringify({ ...stored, expires_at: Date.now() - 1 }));
      };

      program(`session storage in ${system}`, async () => {
        const view = async (id: string) =>
          (await (await ask("/session/", { "X-Session-ID": id })).json()) as {
            created: number;
            views: number;
          };
        const first = await view("a");
        expect(first).toEqual({ created: expect.closeTo(Date.now() / 1000, -2) as number, views: 0 });
        expect(await view("a")).toEqual({ ...first, views: 1 });
        expect(await view("a")).toEqual({ ...first, views: 2 });
        expect((await view("b")).views).toBe(0);

        const stored = await running.database
          .namespaceById("session-data")
          .get<{ value: string; expires_at: number }>("session/a", "json");
        expect(JSON.parse(stored?.value ?? "")).toEqual({ ...first, views: 2 });
        expect(stored?.expires_at).toBeGreaterThan(Date.now() + 86_300_000);
        expect(stored?.expires_at).toBeLessThanOrEqual(Date.now() + 86_400_000);

        await expire("session-data", "session/a");
        expect((await view("a")).views).toBe(0);
      });

      program(`API response caching in ${system}`, async () => {
        const read = async () => {
          const answer = await ask("/cache/data");
          return [answer.headers.get("X-Cache"), await answer.text()];
        };
        expect(await read()).toEqual(["MISS", "data 1"]);
        expect(await read()).toEqual(["HIT", "data 1"]);
        expect(origin.requests).toBe(1);
        await expire("cache-data", "cache/api/data");
        expect(await read()).toEqual(["MISS", "data 2"]);
        expect(await read()).toEqual(["HIT", "data 2"]);
      });

      program(`feature flags in ${system}`, async () => {
        const flags = running.database.namespaceById("flags-data");
        expect(await running.text("/flags/home")).toBe("old /home");
        await flags.put("flag/new-ui", "true");
        expect(await running.text("/flags/home")).toBe("new /home");
        await flags.put("flag/new-ui", "false");
        expect(await running.text("/flags/home")).toBe("old /home");
      });
    }),
  );
}
