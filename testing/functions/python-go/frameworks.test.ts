/**
 * FastAPI, Flask and chi with a namespace and a recipe: a hundred requests at once, an edit under load in `kvasir dev`,
 * and killed processes in `kvasir serve`.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KvasirProcess } from "../../harness/kvasir-process.js";
import { GO, PYTHON_FRAMEWORKS } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { Project } from "../../harness/project.js";
import { allOf, describeWith } from "../../harness/requirements.js";
import { TOKEN } from "../../harness/running-api.js";
import { PROGRAMS } from "./framework-programs.js";

const AT_ONCE = 100;
const TEST_TIMEOUT_MS = 60_000;
const PATHS = ["fast.py", "flasky.py", "shop/shop.go"];
const NAMES = ["fast", "flasky", "shop"] as const;
const FILES = { fast: "fast.py", flasky: "flasky.py", shop: "shop/shop.go" } as const;

const CHI = { name: "chi in Go's module cache, or the network to get it", met: GO.met && hasChi() };

/** Gets the module as its user does, because functions are built without the network. */
function hasChi(): boolean {
  const project = new Project({
    "go.mod": PROGRAMS["shop/go.mod"] ?? "",
    "go.sum": PROGRAMS["shop/go.sum"] ?? "",
  });
  try {
    return spawnSync("go", ["mod", "download"], { cwd: project.root, timeout: 30_000 }).status === 0;
  } finally {
    project.remove();
  }
}

interface About {
  readonly version: string;
  readonly pid: number;
}

describeWith(allOf(PYTHON_FRAMEWORKS, CHI), "applications of frameworks", () => {
  describe.each(["dev", "serve"])("under kvasir %s", (command) => {
    const project = new Project(PROGRAMS);
    let kvasir: KvasirProcess;

    beforeAll(async () => {
      const paths = PATHS.map((path) => `${project.root}/${path}`);
      const ports = ["--port", "0", "--api-port", "0", "--data", `${project.root}/.kvasir`];
      kvasir = KvasirProcess.launch([command, ...paths, "--json", ...ports], {
        env: { KVASIR_TOKEN: TOKEN },
      });
      await kvasir.ready({ msMax: FIRST_BUILD_TIMEOUT_MS });
    }, FIRST_BUILD_TIMEOUT_MS);
    afterAll(async () => {
      await kvasir.kill();
      project.remove();
    });

    async function ask<Answer>(path: string, method = "GET"): Promise<Answer> {
      const send = () => fetch(`${kvasir.functions}/${path}`, { method, headers: { Connection: "close" } });
      const response = await send().catch((error: Error) => {
        // workerd closes a connection that it accepted and whose request it has not read when it is replaced. As HTTP
        // clients do, a GET of which no byte was answered is sent again, once.
        const { bytesRead } = (error.cause as { socket?: { bytesRead: number } }).socket ?? {};
        if (method !== "GET" || bytesRead !== 0) throw error;
        return send();
      });
      const text = await response.text();
      expect(response.status, `${path}: ${text}`).toBe(200);
      return JSON.parse(text) as Answer;
    }
    const atOnce = <Answer>(path: string, method = "GET", times = AT_ONCE) =>
      Promise.all(Array.from({ length: times }, () => ask<Answer>(path, method)));

    it.each(NAMES)(
      "%s answers a hundred requests at once, and counts and limits exactly",
      async (name) => {
        const counts = await atOnce<number>(`${name}/count`, "POST");
        expect(counts.sort((one, other) => one - other)).toEqual(
          Array.from({ length: AT_ONCE }, (_, at) => at + 1),
        );
        expect((await atOnce<boolean>(`${name}/limited`, "POST")).filter(Boolean)).toHaveLength(10);
      },
      TEST_TIMEOUT_MS,
    );

    const ofAll = (check: (name: (typeof NAMES)[number]) => Promise<void>) => () =>
      Promise.all(NAMES.map(check));

    if (command === "dev") {
      it(
        "all answer every request while edits take over",
        ofAll(async (name) => {
          const answered: Promise<About[]>[] = [atOnce<About>(`${name}/about`)];
          const text = readFileSync(join(project.root, FILES[name]), "utf8");
          project.write({ [FILES[name]]: text.replace('"one"', '"two"') });
          for (let newest = "one"; newest === "one"; ) {
            const few = atOnce<About>(`${name}/about`, "GET", 10);
            answered.push(few);
            newest = (await few).at(-1)?.version ?? "";
          }
          const versions = new Set((await Promise.all(answered)).flat().map(({ version }) => version));
          expect([...versions].sort()).toEqual(["one", "two"]);
        }),
        TEST_TIMEOUT_MS,
      );
      return;
    }

    it(
      "all continue after their processes were killed",
      ofAll(async (name) => {
        const { pid } = await ask<About>(`${name}/about`);
        process.kill(pid, "SIGKILL");
        const about = `${kvasir.functions}/${name}/about`;
        await expect
          .poll(async () => (await fetch(about)).json().catch(() => ({ pid })), { timeout: TEST_TIMEOUT_MS })
          .not.toMatchObject({ pid });
        expect(await ask<number>(`${name}/count`, "POST")).toBe(AT_ONCE + 1);
      }),
      TEST_TIMEOUT_MS,
    );
  });
});
