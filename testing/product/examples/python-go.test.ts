import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { kvasirOk, startKvasir } from "../../harness/command.js";
import { GO, PYTHON } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { describeWith } from "../../harness/requirements.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

/** Starts every example in these languages as its README says, and calls it. */

const LANGUAGES = [
  { language: "python", requirement: PYTHON, file: "handler.py" },
  { language: "go", requirement: GO, file: "handler.go" },
];

for (const { language, requirement, file } of LANGUAGES) {
  describeWith(requirement, `examples in ${language}`, () => {
    const start = async (path: string) => {
      const data = temporaryDirectory();
      const options = ["--port", "0", "--api-port", "0", "--data", data, "--json"];
      const { functions } = await startKvasir(["dev", join("examples", path), ...options], { cwd: ROOT });
      return { data, ask: (requestPath: string, init?: RequestInit) => fetch(functions + requestPath, init) };
    };

    test(
      "session counts a visitor's visits",
      async () => {
        const { ask } = await start(`${language}-session`);
        const first = await ask("/");
        expect(await first.json()).toEqual({ visits: 1 });
        const Cookie = first.headers.getSetCookie()[0]?.split(";")[0] as string;
        expect(Cookie).toMatch(/^session=[\w-]{20,}$/);
        expect(await (await ask("/", { headers: { Cookie } })).json()).toEqual({ visits: 2 });
        expect(await (await ask("/")).json()).toEqual({ visits: 1 });
      },
      FIRST_BUILD_TIMEOUT_MS,
    );

    test("cache makes each page once", async () => {
      const { ask } = await start(`${language}-cache/${file}`);
      const read = async (path: string) => {
        const answer = await ask(path);
        return [answer.headers.get("X-Cache"), await answer.text()];
      };
      expect(await read("/cats")).toEqual(["MISS", "A page about /cats\n"]);
      expect(await read("/cats")).toEqual(["HIT", "A page about /cats\n"]);
      expect(await read("/dogs")).toEqual(["MISS", "A page about /dogs\n"]);
    });

    test("flags changes its page while it runs", async () => {
      const { ask, data } = await start(`${language}-flags`);
      expect(await (await ask("/x")).text()).toBe("The old page at /x\n");
      const flag = ["flag/new-page", "true", "--namespace-id", `${language}-flags`, "--data", data];
      await kvasirOk(["kv", "key", "put", ...flag]);
      const page = await ask("/%3Cx%3E");
      expect(page.headers.get("Content-Type")).toMatch("text/html");
      expect(await page.text()).not.toContain("<x>");
    });

    test("are all called here", () => {
      const names = readdirSync(join(ROOT, "examples")).filter((name) => name.startsWith(`${language}-`));
      expect(names).toEqual(["cache", "flags", "session"].map((pattern) => `${language}-${pattern}`));
    });
  });
}
