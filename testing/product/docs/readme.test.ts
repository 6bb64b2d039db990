import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { NODE_MODULES, ROOT } from "../../harness/checkout.js";
import { watchUntilReady } from "../../harness/command.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { GO, PYTHON } from "../../harness/languages.js";
import { allOf, describeWith } from "../../harness/requirements.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { outputPattern, parseDocument } from "./document.js";

const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...["packages/client", "packages/store", "packages/kvasir", "sdks/python", "sdks/go"].map((folder) =>
    join(folder, "README.md"),
  ),
  ...readdirSync(join(ROOT, "docs"), { recursive: true })
    .map((name) => join("docs", String(name)))
    .filter((name) => name.endsWith(".md")),
];

const REPOSITORY = "https://github.com/kvasir-kv/kvasir/blob/main/";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const bashAndCurl = {
  name: "bash and curl",
  met: ["bash", "curl"].every((name) => spawnSync(name, ["--version"]).status === 0),
};

describe.each(DOCUMENTS)("%s", (path) => {
  const text = read(path);
  const { files, commands } = parseDocument(text);

  test("links lead somewhere", () => {
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => link);
    const places = links.map((link) =>
      // The pages of the packages are read outside the repository.
      link.startsWith(REPOSITORY) ? link.slice(REPOSITORY.length) : join(dirname(path), link),
    );
    const broken = links.filter(
      (link, at) =>
        (link.startsWith(REPOSITORY) || !/^https?:/.test(link)) && !existsSync(join(ROOT, places[at] ?? "")),
    );
    expect(broken).toEqual([]);
  });

  if (commands.length === 0) return;
  const language = path.endsWith("/python.md") ? [PYTHON] : path.endsWith("/go.md") ? [GO] : [];
  describeWith(allOf(bashAndCurl, ...language), "its commands", () => {
    test("print what it says", { timeout: 60_000 }, async () => {
      const session = await Session.start(files);
      for (const { command, output } of commands) {
        expect(await session.run(command), command).toMatch(outputPattern(output));
      }
    });
  });
});

test("the README's two commands are scripts of the repository", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const named = [...read("README.md").matchAll(/^npm ci (?:-w examples\/showcase )?&& npm (\w+)/gm)].map(
    ([, script = ""]) => script,
  );
  expect(named).toEqual(["start", "test"]);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});

test("examples/hello is the README's Worker", () => {
  const [worker, config] = parseDocument(read("README.md")).files;
  expect(read("examples/hello/worker.js")).toBe(worker?.content);
  const { compatibility_date: _, ...hello } = JSON.parse(read("examples/hello/wrangler.jsonc")) as Record<
    string,
    unknown
  >;
  expect(hello).toEqual(JSON.parse(config?.content ?? ""));
});

test("the README's Worker has six lines", () => {
  expect(parseDocument(read("README.md")).files[0]?.content.trimEnd().split("\n")).toHaveLength(6);
});

/**
 * A folder in which a reader follows a document. It contains the document's files, and variables live from
 * line to line.
 */
class Session {
  readonly #cwd: string;
  readonly #ports: { readonly functions: number; readonly api: number };
  readonly #variables: Record<string, string> = {};

  private constructor(cwd: string, ports: { functions: number; api: number }) {
    this.#cwd = cwd;
    this.#ports = ports;
  }

  static async start(files: readonly { name: string; content: string }[]): Promise<Session> {
    const cwd = temporaryDirectory();
    const ports = { functions: await freePort(), api: await freePort() };
    const session = new Session(cwd, ports);
    // As in the clone, or after `npm install`: the program and its packages are found from here.
    symlinkSync(NODE_MODULES, join(cwd, "node_modules"));
    for (const { name, content } of files) writeFileSync(join(cwd, name), session.#withPorts(content));
    return session;
  }

  /**
   * Runs a command and returns its output, with the document's ports in place of the free ones that it used.
   */
  async run(command: string): Promise<string> {
    const [, name, assigned] = /^(?:export )?([A-Z_]+)=(.*)$/.exec(command) ?? [];
    if (name !== undefined) {
      this.#variables[name] = await this.run(`printf %s ${assigned}`);
      return "";
    }
    const runsOn = /kvasir (dev|serve)\b/.test(command);
    const script = `${runsOn ? "exec " : ""}${this.#withPorts(command)}`;
    const ports = ` --port ${this.#ports.functions} --api-port ${this.#ports.api}`;
    const bash = spawn(
      "bash",
      ["-c", runsOn ? script.replace("npx kvasir", this.#kvasir()) + ports : script],
      {
        cwd: this.#cwd,
        env: cleanEnvironment({ ...this.#variables, npm_config_loglevel: "error" }),
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    if (runsOn) {
      const running = await watchUntilReady(bash);
      return this.#withoutPorts(running.lines.join("\n"));
    }
    let printed = "";
    for (const stream of [bash.stdout, bash.stderr]) stream.on("data", (chunk: Buffer) => (printed += chunk));
    await new Promise((resolve) => bash.once("close", resolve));
    // curl's progress meter is not in the document's output.
    return this.#withoutPorts(printed.replace(/^ *% Total[\s\S]*\r[^\n]*\n/m, "")).trimEnd();
  }

  /** The program itself and not npx, so that the signal that ends the test reaches it. */
  #kvasir(): string {
    return `${process.execPath} ${relative(this.#cwd, join(ROOT, "packages/kvasir/bin/kvasir.js"))}`;
  }

  #withPorts(text: string): string {
    return text.replaceAll("8787", String(this.#ports.functions)).replaceAll("8788", String(this.#ports.api));
  }

  #withoutPorts(text: string): string {
    return text.replaceAll(String(this.#ports.functions), "8787").replaceAll(String(this.#ports.api), "8788");
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
