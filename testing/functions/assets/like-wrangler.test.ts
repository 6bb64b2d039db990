import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NEWER_NODE } from "../../harness/checkout.js";
import { runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";
import { describeWith } from "../../harness/requirements.js";
import { WRANGLER_REQUIREMENT } from "../../harness/wrangler.js";
import type { AssetCase, AssetRequest } from "./asset-case.js";

const PROGRAM = fileURLToPath(new URL("programs/reference.ts", import.meta.url));

const FILES = {
  "index.html": "home",
  "404.html": "not found",
  "about.html": "about",
  "about/team.html": "team",
  "blog/index.html": "blog",
  "blog/404.html": "no such post",
  "blog/post.html": "post",
  "both.html": "both as a file",
  "both/index.html": "both as a folder",
  "deep/index/index.html": "deep index",
  "stem/index": "index without an ending",
  plain: "no ending",
  "style.css": "a{}",
  "app.js": "1",
  "app.mjs": "1",
  "data.json": "{}",
  "photo.png": "png",
  "icon.svg": "<svg/>",
  "favicon.ico": "ico",
  "module.wasm": "wasm",
  "font.woff2": "woff2",
  "site.webmanifest": "{}",
  "feed.xml": "<a/>",
  "notes.md": "# a",
  "types.ts": "1",
  "archive.tar.gz": "gz",
  "UPPER.HTML": "upper",
  "strange.zzz": "?",
  "with space.txt": "space",
  "ünï.txt": "unicode",
  "at@sign.txt": "at",
  "per%cent.txt": "percent",
  ".well-known/a.txt": "well known",
  ".hidden": "hidden",
  "secret/key.txt": "secret",
  "api/real.txt": "real",
  ".assetsignore": "secret\n*.bak\n!keep.bak\n",
  "old.bak": "old",
  "keep.bak": "kept",
  _headers: `/*
  X-All: yes
/about
  X-About: :none
  ! X-All
/blog/:post
  X-Post: :post
  X-All: twice
/style.css
  Cache-Control: public, max-age=60
  ! ETag
https://localhost/data.json
  X-Host: localhost
no path
/wrong
/a/*/b/*
  X: y
`,
  _redirects: `/old /new
/gone /about 301
/moved https://example.com/there?x=1 308
/query /about?q=1#f 307
/rewrite /blog/post 200
/nowhere /missing 200
/see /other 303
/user/:name /people/:name/profile
/wild/* /to/:splat 302
/late /early
/bad
/loop/* /index.html
/port https://example.com:80/x 999
`,
};

const PATHS = [
  "/",
  "/index",
  "/index.html",
  "/about",
  "/about/",
  "/about.html",
  "/about/index.html",
  "/about/team",
  "/about/team/",
  "/about/team.html",
  "/blog",
  "/blog/",
  "/blog/index",
  "/blog/index.html",
  "/blog.html",
  "/blog/post",
  "/blog/post/",
  "/blog/post.html",
  "/blog/none",
  "/both",
  "/both/",
  "/both.html",
  "/both/index.html",
  "/deep",
  "/deep/index",
  "/deep/index/",
  "/stem/index",
  "/stem",
  "/plain",
  "/plain/",
  "/404",
  "/404.html",
  "/missing",
  "/a/b/c",
  "/about?x=1",
  "/about.html?x=1",
  "//about",
  "/blog//post",
];

const OTHERS: readonly AssetRequest[] = [
  ...Object.keys(FILES)
    .filter((name) => !name.endsWith(".html"))
    .map((name) => ({ path: `/${name.split("/").map(encodeURIComponent).join("/")}` })),
  ...["/at@sign.txt", "/%61bout", "/with+space.txt", "/%C3%BCn%C3%AF.txt", "/%zz", "/secret/key.txt"].map(
    (path) => ({ path }),
  ),
  ...["/..%2fwrangler.jsonc", "/%2e%2e%2fwrangler.jsonc", "/about%2fteam", "/%00", "/blog/."].map((path) => ({
    path,
  })),
  ...[
    "/old",
    "/old?a=1",
    "/gone",
    "/moved",
    "/moved?y=2",
    "/query",
    "/query?y=2",
    "/rewrite",
    "/nowhere",
  ].map((path) => ({ path })),
  ...["/see", "/user/ann", "/user/", "/wild/a/b", "/wild/", "/late", "/bad", "/loop/x", "/port"].map(
    (path) => ({
      path,
    }),
  ),
  ...["POST", "PUT", "DELETE", "OPTIONS", "PATCH"].flatMap((method) =>
    ["/about", "/missing", "/old", "/about.html"].map((path) => ({ path, method })),
  ),
  ...["/", "/about", "/missing", "/old", "/style.css"].map((path) => ({ path, method: "HEAD" })),
  { path: "/about", headers: { Range: "bytes=0-1" } },
  { path: "/about", headers: { Authorization: "Bearer x" } },
  { path: "/about", headers: { "If-None-Match": '"0123"' } },
  { path: "/about", headers: { "If-None-Match": "*" } },
  ...["/missing", "/about", "/api/x"].flatMap((path) =>
    ["navigate", "cors"].map((mode) => ({ path, headers: { "Sec-Fetch-Mode": mode } })),
  ),
];

const WORKER = `export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (!url.pathname.startsWith("/via/")) return new Response("worker " + request.method + " " + url.pathname);
    return env.ASSETS.fetch(new Request(new URL(url.pathname.slice(4), url), request));
  },
};`;

const WORKER_PATHS: readonly AssetRequest[] = [
  ...["/api/x", "/api/real.txt", "/api/assets/x", "/via/about", "/via/about.html", "/via/missing"].map(
    (path) => ({
      path,
    }),
  ),
  { path: "/via/about", method: "POST" },
];

const HANDLING = ["auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"];
const all = (paths: readonly string[]): readonly AssetRequest[] => paths.map((path) => ({ path }));
const CASES: readonly Omit<AssetCase, "folder">[] = [
  ...HANDLING.map((handling, at) => ({
    name: `${handling}, without a Worker`,
    assets: {
      html_handling: handling as "none",
      not_found_handling: (["404-page", "single-page-application", "none", "404-page"] as const)[
        at
      ] as "none",
    },
    requests: [...all(PATHS), ...(at === 0 ? OTHERS : [])],
  })),
  {
    name: "a Worker behind the assets",
    assets: { binding: "ASSETS", not_found_handling: "single-page-application" as "none" },
    code: WORKER,
    requests: [...all(PATHS), ...OTHERS, ...WORKER_PATHS],
  },
  {
    name: "a Worker first",
    assets: { binding: "ASSETS", run_worker_first: true, not_found_handling: "404-page" as "none" },
    code: WORKER,
    requests: [...all(["/", "/about", "/missing", "/old"]), ...WORKER_PATHS],
  },
  {
    name: "a Worker first for some paths",
    assets: {
      binding: "ASSETS",
      run_worker_first: ["/api/*", "!/api/assets/*", "/blog"],
      not_found_handling: "single-page-application" as "none",
    },
    code: WORKER,
    requests: [...all(["/", "/about", "/missing", "/blog", "/blog/post"]), ...WORKER_PATHS],
  },
  {
    name: "a base path",
    assets: { base_path: "/docs", not_found_handling: "404-page" as "none" },
    requests: all([
      "/",
      "/docs",
      "/docs/",
      "/docs/about",
      "/docs/about.html",
      "/docs/none",
      "/about",
      "/docsx",
    ]),
  },
];

interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

describeWith(WRANGLER_REQUIREMENT, "static assets, compared with wrangler's", () => {
  let project: Project;
  let reference: Awaited<ReturnType<typeof startReference>>;
  const cases: readonly AssetCase[] = CASES.map((each, at) => ({ ...each, folder: `case-${at}` }));

  beforeAll(async () => {
    project = new Project(
      Object.fromEntries(cases.flatMap(({ folder, assets, code }) => projectFiles(folder, assets, code))),
    );
    reference = await startReference(
      cases.map((each) => ({ ...each, folder: `${project.root}/${each.folder}` })),
    );
  }, 120_000);
  afterAll(async () => {
    await reference?.stop();
    project.remove();
  });

  it.each(cases.flatMap((each, at) => (["dev", "serve"] as const).map((mode) => ({ ...each, at, mode }))))(
    "$name, in $mode",
    async ({ folder, requests, at, mode }) => {
      const running = await runFunctions([`${project.root}/${folder}`], { mode });
      try {
        const rows = (url = "") =>
          Promise.all(requests.map(async (each) => ({ ...each, ...visible(await ask(url, each)) })));
        expect(await rows(running.functions.url)).toEqual(await rows(reference.urls[at]));
      } finally {
        await running.close();
      }
    },
    60_000,
  );
});

function projectFiles(
  folder: string,
  assets: AssetCase["assets"],
  code: string | undefined,
): readonly [string, string][] {
  const config = {
    name: folder,
    compatibility_date: "2025-06-01",
    assets: { directory: "public", ...assets },
    ...(code === undefined ? {} : { main: "worker.js" }),
  };
  return [
    [`${folder}/wrangler.json`, JSON.stringify(config)],
    ...(code === undefined ? [] : [[`${folder}/worker.js`, code] as [string, string]]),
    ...Object.entries(FILES).map(([name, text]): [string, string] => [`${folder}/public/${name}`, text]),
  ];
}

/**
 * What must be equal. ETags have other values, because ours depend on the content. Miniflare's cache status
 * depends on how fast it is.
 */
function visible({ status, headers, body }: Seen): object {
  const kept = ["location", "content-type", "cache-control", "cf-cache-status", "etag"];
  const shown = Object.entries(headers).filter(
    ([name]) => kept.includes(name) || name.startsWith("x-a") || /^x-(post|host)$/.test(name),
  );
  const values = shown.map(([name, value]) => [
    name,
    value.replace(name === "etag" ? /[0-9a-f]{32}/ : /^MISS$/, name === "etag" ? "…" : "HIT"),
  ]);
  return { status, body, headers: Object.fromEntries(values) };
}

/** `fetch` would normalize the path. */
function ask(url: string, { path, method = "GET", headers = {} }: AssetRequest): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({
      hostname,
      port,
      path,
      method,
      headers: { Host: "localhost", ...headers },
      agent: false,
    });
    sent.on("error", reject).on("response", async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part as Buffer);
      resolve({
        status: response.statusCode ?? 0,
        headers: Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: Buffer.concat(parts).toString("utf8"),
      });
    });
    sent.end();
  });
}

/** Starts the reference for all cases. */
function startReference(
  cases: readonly AssetCase[],
): Promise<{ readonly urls: readonly string[]; readonly stop: () => Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    const child = spawn(NEWER_NODE, [PROGRAM, JSON.stringify(cases)], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const stop = () => {
      child.stdin.end();
      return ended;
    };
    createInterface(child.stdout).once("line", (line) =>
      resolve({ urls: JSON.parse(line) as string[], stop }),
    );
    ended.then(() => reject(new Error("The reference ended before it served.")), reject);
  });
}
