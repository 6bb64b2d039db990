import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Events } from "../../harness/events.js";
import { type Running, runFunctions } from "../../harness/functions.js";
import { KvasirProcess } from "../../harness/kvasir-process.js";
import { Project } from "../../harness/project.js";

// The keys of a config that decide how a function is built, and what a function is told that does not build.

let project: Project;
let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
  project.remove();
});

type Files = Record<string, string | Uint8Array>;

async function start(files: Files, options = {}): Promise<Running> {
  project = new Project(files);
  running = await runFunctions([project.root], options);
  return running;
}

const config = (keys: object) => JSON.stringify({ name: "fn", main: "src/a.js", ...keys });
const json = (expression: string) => `export default { fetch: () => Response.json(${expression}) };`;

// (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
const ADD_WASM = Uint8Array.from(
  "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b".match(/../g) ?? [],
  (byte) => Number.parseInt(byte, 16),
);

describe("a config decides", () => {
  it("constants, aliases, JSX, names, the platform's conditions and a tsconfig, as with wrangler", async () => {
    const { text } = await start({
      "wrangler.json": config({
        main: "src/a.tsx",
        define: { VERSION: '"1.2"', "DEEP.flag": "true" },
        alias: { replaced: "./src/replacement.js", "from-package": "other" },
        jsx_factory: "h",
        jsx_fragment: "Fragment",
        tsconfig: "./config/tsconfig.build.json",
        compatibility_date: "2024-01-01",
      }),
      "config/tsconfig.build.json": `{ // with a comment
        "compilerOptions": { "paths": { "@/*": ["../src/*"] }, "experimentalDecorators": false } }`,
      "src/replacement.js": "export const replaced = 1;",
      "src/lib/named.ts": "export const named: number = 2;",
      "node_modules/other/package.json": '{"name":"other","main":"./index.js"}',
      "node_modules/other/index.js": "module.exports = 3;",
      "node_modules/fs-free/package.json": '{"name":"fs-free","browser":{"fs":false},"main":"index.js"}',
      "node_modules/fs-free/index.js": `module.exports = typeof require("fs").readFileSync;`,
      "node_modules/conditional/package.json":
        '{"name":"conditional","exports":{"node":"./n.js","workerd":"./w.js","default":"./d.js"}}',
      "node_modules/conditional/w.js": "export default 'workerd';",
      "src/a.tsx": `import { replaced } from "replaced"; import other from "from-package";
        import { named } from "@/lib/named"; import fs from "fs-free"; import where from "conditional";
        declare const VERSION: string; declare const DEEP: { flag: boolean };
        const h = (name: unknown, props: unknown, ...children: unknown[]) => [name, ...children];
        const Fragment = "fragment";
        const upper = (_: unknown, context: { name: string }) => () => context.name.toUpperCase();
        class Decorated { @upper hello() {} accessor count = 5; }
        function namedFunction() {}
        export default { fetch: () => Response.json([VERSION, DEEP.flag, replaced, other, named, fs, where,
          <><b>x</b></>, new Decorated().hello(), new Decorated().count, namedFunction.name,
          navigator.userAgent, typeof process.env.NODE_ENV]) };`,
    });
    expect(JSON.parse(await text())).toEqual([
      "1.2",
      true,
      1,
      3,
      2,
      "undefined",
      "workerd",
      ["fragment", ["b", "x"]],
      "HELLO",
      5,
      "namedFunction",
      "Cloudflare-Workers",
      "string",
    ]);
  });

  it("which imports are text, by globs on the import's own text", async () => {
    const { text } = await start({
      "wrangler.json": config({ rules: [{ type: "Text", globs: ["*/frontend/**"], fallthrough: true }] }),
      "src/a.js": `import a from "../frontend/a.md"; import b from "../frontend/deep/b.js?raw";
        import bare from "bare.txt"; const required = require("./c.html");
        ${json("[a, b, bare, required]")}`,
      "src/bare.txt": "beside",
      "src/c.html": "<c>",
      "frontend/a.md": "# a",
      "frontend/deep/b.js": "not code",
    });
    expect(JSON.parse(await text())).toEqual(["# a", "not code", "beside", "<c>"]);
  });

  it("that nothing is bundled: files of the module root are modules, ES and CommonJS, loaded by name", async () => {
    const { text, events } = await start({
      "wrangler.json": config({
        no_bundle: true,
        rules: [
          { type: "ESModule", globs: ["**/*.js"] },
          { type: "CommonJS", globs: ["**/*.cjs"] },
        ],
      }),
      "src/a.js": `import { b } from "./lib/b.js"; import c from "./lib/c.cjs"; import t from "./t.txt";
        import { answer } from "./main.js"; import add from "./add.wasm";
        export function own() { return 7; }
        export default { async fetch(request) {
          if (new URL(request.url).pathname === "/throw") throw new Error("thrown");
          const name = "de"; const { hello } = await import("./lang/" + name + ".js");
          return Response.json([b(), c.c, t, hello, answer, new WebAssembly.Instance(add).exports.add(1, 2)]);
        } };`,
      "src/lib/b.js": `import { own } from "../a.js"; export const b = () => own();`,
      "src/lib/c.cjs": "exports.c = 1;",
      "src/lang/de.js": "export const hello = 'hallo';",
      "src/main.js": "export const answer = 42;",
      "src/t.txt": "text",
      "src/add.wasm": ADD_WASM,
    });
    expect(JSON.parse(await text())).toEqual([7, 1, "text", "hallo", 42, 3]);
    project.write({ "src/lang/de.js": "export const hello = 'guten Tag';" });
    await events.next("log", "reloaded");
    expect(JSON.parse(await text())).toContain("guten Tag");
    await text("/throw");
    expect((await events.next("error")).stack).toContain("src/a.js:5:");
  });

  it("that modules of base_dir are found beside the bundle, new ones too", async () => {
    const { text, events } = await start({
      "wrangler.json": config({
        main: "src/a.ts",
        base_dir: ".",
        find_additional_modules: true,
        rules: [{ type: "ESModule", globs: ["lang/*.js"] }],
      }),
      "src/a.ts": `const load = (name: string): Promise<{ hello: string }> => import(name);
        export default { async fetch(request: Request) {
          const { hello } = await load("./lang" + new URL(request.url).pathname + ".js").catch(() => ({ hello: "none" }));
          return new Response(hello);
        } };`,
      "lang/en.js": "export const hello = 'hello';",
    });
    expect(await text("/en")).toBe("hello");
    expect(await text("/fr")).toBe("none");
    project.write({ "lang/fr.js": "export const hello = 'bonjour';" });
    await events.next("log", "reloaded");
    expect(await text("/fr")).toBe("bonjour");
  });

  it("the globals of a service worker that are files", async () => {
    const { text } = await start({
      "wrangler.toml": `name = "fn"\nmain = "a.js"
        [text_blobs]\nPAGE = "page.html"\n[data_blobs]\nBYTES = "bytes.dat"\n[wasm_modules]\nADD = "add.wasm"`,
      "a.js": `const { exports } = new WebAssembly.Instance(ADD);
        addEventListener("fetch", (event) => event.respondWith(
          Response.json([PAGE, [...new Uint8Array(BYTES)], exports.add(20, 3)])));`,
      "page.html": "<p>",
      "bytes.dat": Uint8Array.of(1, 0, 255),
      "add.wasm": ADD_WASM,
    });
    expect(JSON.parse(await text())).toEqual(["<p>", [1, 0, 255], 23]);
  });

  it("of environments: define is not inherited, alias is", async () => {
    const { text } = await start(
      {
        "wrangler.json": config({
          define: { WHO: '"top"' },
          alias: { who: "./src/who.js" },
          env: { staging: { define: { WHERE: '"staging"' } } },
        }),
        "src/who.js": "export default 'alias';",
        "src/a.js": `import who from "who"; ${json("[typeof WHO, WHERE, who]")}`,
      },
      { env: "staging" },
    );
    expect(JSON.parse(await text())).toEqual(["undefined", "staging", "alias"]);
  });
});

describe("a build command", () => {
  const BUILD = 'mkdir -p dist && cp src/in.js dist/out.js && echo built && echo "$WRANGLER_COMMAND" >&2';

  it("makes the entry module, again when its sources change, and shows its output", async () => {
    const { text, events } = await start({
      "wrangler.json": config({ main: "dist/out.js", build: { command: BUILD } }),
      "src/in.js": json('"one"'),
    });
    expect(await text()).toBe('"one"');
    await events.next("log", "[build] built");
    project.write({ "src/in.js": json('"two"') });
    await events.next("log", "reloaded");
    expect(await text()).toBe('"two"');
    expect(events.all.some((event) => event.event === "log" && event.message === "[build] dev")).toBe(true);
  });

  it("that fails leaves the last good version serving, with one sentence", async () => {
    const { text, events } = await start({
      "wrangler.json": config({
        main: "dist/out.js",
        build: { command: `${BUILD} && test ! -e src/broken` },
      }),
      "src/in.js": json('"good"'),
    });
    project.write({ "src/broken": "" });
    expect((await events.next("error")).message).toMatch(/^The build command `.*` failed with code 1\. Its/);
    expect(await text()).toBe('"good"');
    rmSync(join(project.root, "src/broken"));
    project.write({ "src/in.js": json('"mended"') });
    await events.next("log", "reloaded");
    expect(await text()).toBe('"mended"');
  });

  it("that makes no entry module is named, and so is one that cannot run in its folder", async () => {
    const { text, events } = await start({
      "wrangler.json": config({ main: "dist/out.js", build: { command: "true" } }),
    });
    expect(await text()).toMatch(
      /The build command `true` ran, but did not make the entry module .*dist\/out\.js/,
    );
    project.write({
      "wrangler.json": config({ main: "dist/out.js", build: { command: "true", cwd: "gone" } }),
    });
    expect((await events.next("error", "build.cwd")).message).toMatch(
      /build\.cwd is .*gone, which is not a folder/,
    );
  });

  it("that never ends is ended by an edit of the config, with the programs that it started", async () => {
    const { text, events } = await start({
      "wrangler.json": config({ main: "dist/out.js", build: { command: BUILD } }),
      "src/in.js": json('"good"'),
    });
    const endless = { command: "echo started; sleep 1000 | cat", watch_dir: "src" };
    project.write({ "wrangler.json": config({ main: "dist/out.js", build: endless }) });
    await events.next("log", "[build] started");
    expect(await text()).toBe('"good"');
    project.write({
      "wrangler.json": config({ main: "dist/out.js", build: { command: BUILD } }),
      "src/in.js": json('"mended"'),
    });
    await events.next("log", "reloaded");
    expect(await text()).toBe('"mended"');
  });

  it("that never ends at the start is ended by an edit of the config, and then the function is ready", async () => {
    const endless = { command: "echo started; sleep 1000 | cat" };
    project = new Project({
      "wrangler.json": config({ main: "dist/out.js", build: endless }),
      "src/in.js": json('"mended"'),
    });
    const events = new Events();
    const starting = runFunctions([project.root], { onEvent: events.sink });
    await events.next("log", "[build] started");
    project.write({ "wrangler.json": config({ main: "dist/out.js", build: { command: BUILD } }) });
    expect((await events.next("error")).message).toMatch(/was ended before it was ready\.$/);
    running = await starting;
    await events.next("log", "reloaded");
    expect(await running.text()).toBe('"mended"');
  });

  it("that never ends does not hold up Ctrl-C at the start, and ends with it", async () => {
    const command = "echo started; sleep 1000 | cat";
    project = new Project({ "wrangler.json": config({ main: "dist/out.js", build: { command } }) });
    const dev = KvasirProcess.launch(["dev", "--port", "0", "--api-port", "0"], { cwd: project.root });
    await dev.line(/\[build\] started$/);
    const beganMs = performance.now();
    expect(await dev.stop("SIGINT")).toBe(0);
    expect(performance.now() - beganMs).toBeLessThan(3_000);
    expect(dev.errors).toEqual([]);
  });

  it("that writes into the folder that starts it runs once more, and not without end", async () => {
    const { text, events } = await start({
      "wrangler.json": config({
        main: "src/out.js",
        build: { command: "echo run >> runs && cp src/in.js src/out.js" },
      }),
      "src/in.js": json('"one"'),
    });
    project.write({ "src/in.js": json('"two"') });
    await events.next("log", "reloaded");
    expect(await text()).toBe('"two"');
    project.write({ "src/in.js": json('"three"') });
    await events.next("log", "reloaded");
    expect(await text()).toBe('"three"');
    const runs = events.all.filter(
      (event) => event.event === "log" && event.message.includes("[build] running"),
    );
    expect(runs.length).toBeLessThanOrEqual(6);
  });
});

it("a message of cloudflare:email can be made", async () => {
  const { text } = await start({
    "wrangler.json": config({ compatibility_date: "2024-10-01" }),
    "src/a.js": `import { EmailMessage } from "cloudflare:email";
      ${json('Object.entries(new EmailMessage("a@example.com", "b@example.com", "raw"))')}`,
  });
  expect(JSON.parse(await text())).toEqual([
    ["from", "a@example.com"],
    ["to", "b@example.com"],
  ]);
});

describe("what a build looked for is seen when it comes", () => {
  it("a missing file, package, tsconfig and target of a link; a folder that is made again", async () => {
    const { text, events } = await start({
      "wrangler.json": config({ main: "src/a.ts" }),
      "package.json": "{}",
      "src/a.ts": `import { b } from "./gen/b"; import late from "late"; import { c } from "@/c";\n${json("[b, late, c, SECRET]")}
        import { env } from "cloudflare:workers"; const SECRET = env.SECRET;`,
      "src/c.ts": "export const c = 1;",
      "secrets/vars": "SECRET=s1",
    });
    const body = await text();
    expect(body).toMatch(/There is no file .*src\/gen\/b\./);
    expect(body).toContain('The package "late" is not installed. Run `npm install late`.');
    expect(body).toContain('"@/c" is neither a file nor a package.');
    project.write({ "src/gen/b.ts": "export const b = 1;" });
    await events.next("error", /"late/);
    project.write({
      "node_modules/late/package.json": '{"name":"late","main":"lib/index.js"}',
      "node_modules/late/lib/index.js": "module.exports = 'late 1';",
    });
    await events.next("error", /@\/c/);
    project.write({ "tsconfig.json": '{"compilerOptions":{"paths":{"@/*":["./src/*"]}}}' });
    await events.next("log", "reloaded");
    expect(JSON.parse(await text())).toEqual([1, "late 1", 1, null]);

    const { root } = project;
    const steps: [() => void, unknown[]][] = [
      [() => symlinkSync("secrets/vars", join(root, ".dev.vars")), [1, "late 1", 1, "s1"]],
      [() => writeFileSync(join(root, "secrets/vars"), "SECRET=s2"), [1, "late 1", 1, "s2"]],
      [
        () => {
          rmSync(join(root, "src/gen"), { recursive: true });
          mkdirSync(join(root, "src/gen"));
          writeFileSync(join(root, "src/gen/b.ts"), "export const b = 2;");
        },
        [2, "late 1", 1, "s2"],
      ],
      [
        () => {
          mkdirSync(join(root, "other"));
          writeFileSync(join(root, "other/c.ts"), "export const c = 'other';");
          writeFileSync(join(root, "base.json"), '{"compilerOptions":{"paths":{"@/*":["./other/*"]}}}');
          writeFileSync(join(root, "tsconfig.json"), '{"extends":"./base.json"}');
        },
        [2, "late 1", "other", "s2"],
      ],
      [
        () => writeFileSync(join(root, "base.json"), '{"compilerOptions":{"paths":{"@/*":["./src/*"]}}}'),
        [2, "late 1", 1, "s2"],
      ],
      [
        () => {
          project.write({
            "late-2/package.json": '{"name":"late"}',
            "late-2/index.js": "module.exports = 'late 2';",
          });
          renameSync(join(root, "node_modules/late"), join(root, "late-1"));
          symlinkSync("../late-2", join(root, "node_modules/late"));
        },
        [2, "late 2", 1, "s2"],
      ],
      [
        // A file that comes before the one that was found.
        () => project.write({ "src/gen/b.tsx": "export const b = 'tsx';" }),
        ["tsx", "late 2", 1, "s2"],
      ],
    ];
    for (const [step, expected] of steps) {
      step();
      await events.next("log", "reloaded");
      await expect.poll(async () => (await text()).replace(/\n.*/s, "")).toBe(JSON.stringify(expected));
    }
  });

  it("whatever mends an import of a file that the entry module does not import itself", async () => {
    const { text, events } = await start({
      "wrangler.json": config({}),
      "src/a.js": `import "./middle.js"; ${json("1")}`,
      "src/middle.js": `import "./broken.js"; import "./fine.js";`,
      "src/broken.js": `import "./missing.js";`,
      "src/fine.js": "",
    });
    expect(await text()).toMatch(/broken\.js:1:\d+: There is no file .*src\/missing\.js/);
    project.write({ "src/middle.js": "" });
    await events.next("log", "reloaded");
    expect(await text()).toBe("1");
  });
});

describe("a function that cannot run is told in one sentence", () => {
  it.each<[string, Files, RegExp]>([
    [
      "a package that is not installed, with the name that was meant",
      {
        "package.json": '{"dependencies":{"hono":"*"}}',
        "pnpm-lock.yaml": "",
        "src/a.js": `import "hoono";`,
      },
      /src\/a\.js:1:8: The package "hoono" is not installed\. Did you mean "hono"\? Run `pnpm add hoono`\.\n {4}1 \| import "hoono";/,
    ],
    [
      "a package of package.json that is not installed",
      {
        "package.json": '{"dependencies":{"hono":"*"}}',
        "yarn.lock": "",
        "src/a.js": `import "hono/tiny";`,
      },
      /The package "hono" is in package\.json, but not installed\. Run `yarn install`\.\n/,
    ],
    [
      "a file with another name",
      { "src/a.js": `import "./utlis.js";`, "src/utils.ts": "" },
      /There is no file .*src\/utlis\.js\. Did you mean "\.\/utils\.ts"\?\n/,
    ],
    [
      "a part that a package does not export",
      {
        "node_modules/p/package.json": '{"name":"p","exports":{".":"./i.js"}}',
        "src/a.js": `import "p/sub";`,
      },
      /The package "p" is installed, but has no "\.\/sub" that a Worker can use/,
    ],
    [
      "an export that is not there",
      { "src/b.js": "export const c = 1;", "src/a.js": `import { b } from "./b.js"; ${json("b")}` },
      /src\/a\.js:1:10: No matching export in "src\/b\.js" for import "b"/,
    ],
    [
      "a rule that another one hides",
      {
        "wrangler.json": config({ rules: [{ type: "Text", globs: ["**/*.md"] }] }),
        "src/a.js": `import "./a.txt";`,
      },
      /"\.\/a\.txt" matches the glob "\*\*\/\*\.txt" of a rule for Text, which an earlier rule of that type hides\. Add "fallthrough": true/,
    ],
    [
      "wasm that does not compile",
      { "src/bad.wasm": "no wasm", "src/a.js": `import bad from "./bad.wasm"; ${json("bad")}` },
      /src\/bad\.wasm is not WebAssembly that can be compiled: /,
    ],
    [
      "a compatibility flag that is none",
      { "wrangler.json": config({ compatibility_flags: ["nodejs_compatt"] }), "src/a.js": json("1") },
      /compatibility_flags names "nodejs_compatt", which workerd does not know\. Did you mean "nodejs_compat"\?/,
    ],
    [
      "flags that contradict each other",
      {
        "wrangler.json": config({ compatibility_flags: ["global_navigator", "no_global_navigator"] }),
        "src/a.js": json("1"),
      },
      /compatibility_flags names both "global_navigator" and "no_global_navigator"/,
    ],
    [
      "a constant that is no value",
      { "wrangler.json": config({ define: { HOST: "not json {" } }), "src/a.js": json("HOST") },
      /^\s*define\.HOST is "not json \{", which is neither JSON nor the name of a value\./m,
    ],
    [
      "an error of the code at its start",
      { "src/a.js": `const x = null;\nx.y;\n${json("1")}` },
      /Cannot read properties of null \(reading 'y'\)\n\s+at (.*)src\/a\.js:2:3/,
    ],
  ])("%s", async (_name, files, expected) => {
    const { text, events } = await start({ "wrangler.json": config({}), ...files });
    const body = await text();
    expect(body).toMatch(expected);
    expect(body).not.toMatch(/\{"timestamp"|mark the path|external/);
    // Files that were written just before the start are built twice, with the same result.
    const errors = events.all.filter((event) => event.event === "error");
    expect(new Set(errors.map(({ message }) => message)).size).toBe(1);
    // workerd's own words would say it a second time.
    const lines = events.all.flatMap((event) => (event.event === "log" ? [event.message] : []));
    expect(lines.filter((line) => line.startsWith("workerd: "))).toEqual([]);
  });

  it("and runs when an edit of the config mends it", async () => {
    const { text, events } = await start({
      "wrangler.json": config({ define: { HOST: '"here"' } }),
      "src/a.js": json("HOST"),
    });
    project.write({ "wrangler.json": config({ define: { HOST: "not json {" } }) });
    await events.next("error", "define.HOST is");
    expect(await text()).toBe('"here"');
    project.write({ "wrangler.json": config({ define: { HOST: '"there"' } }) });
    await events.next("log", "reloaded");
    expect(await text()).toBe('"there"');
  });
});
