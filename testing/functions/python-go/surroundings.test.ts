import { expect, it } from "vitest";
import { GO, PYTHON } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { describeWith } from "../../harness/requirements.js";
import { startFunction } from "../../harness/start-function.js";

const NAMES = ["CF-Connecting-IP", "X-Forwarded-For", "X-Forwarded-Proto"];

const LANGUAGES = [
  {
    requirement: PYTHON,
    main: "fn.py",
    code: `async def handler(request):
    return [request.headers.get(name.lower()) or "" for name in ${JSON.stringify(NAMES)}]
`,
  },
  {
    requirement: GO,
    main: "fn.go",
    code: `func handler(w http.ResponseWriter, r *http.Request) {
	json.NewEncoder(w).Encode([]string{${NAMES.map((name) => `r.Header.Get("${name}")`).join(", ")}})
}
`,
  },
];

for (const { requirement, main, code } of LANGUAGES) {
  describeWith(requirement, `what surrounds ${main}`, () => {
    const config = (settings: object) => JSON.stringify({ name: "fn", main, ...settings });

    it(
      "its client's address and protocol are in headers, and its assets come first",
      async () => {
        const { ask } = await startFunction(
          {
            "wrangler.json": config({ assets: { directory: "public" } }),
            [main]: code,
            "public/page.html": "a page",
          },
          { paths: [""], trustedProxies: ["127.0.0.1"] },
        );
        const asked = async (headers: Record<string, string>) => await (await ask("/", { headers })).json();
        expect(await asked({ "CF-Connecting-IP": "6.6.6.6" })).toEqual(["127.0.0.1", "127.0.0.1", ""]);
        const proxied = { "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https" };
        expect(await asked(proxied)).toEqual(["203.0.113.7", "203.0.113.7", "https"]);
        expect(await (await ask("/page")).text()).toBe("a page");
      },
      FIRST_BUILD_TIMEOUT_MS,
    );

    it("a Workers Site beside it is refused in one sentence", async () => {
      const files = { "wrangler.json": config({ site: { bucket: "public" } }), [main]: code, "public/a": "" };
      await expect(startFunction(files, { paths: [""] })).rejects.toThrow(
        new RegExp(`wrangler\\.json: a Workers Site needs code in JavaScript, and main is .*${main}\\.$`),
      );
    });
  });
}
