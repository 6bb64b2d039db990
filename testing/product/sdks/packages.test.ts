import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openApi, type TestApi } from "../../harness/api.js";
import { ROOT } from "../../harness/checkout.js";
import { GO, MYPY, PYRIGHT, PYTHON_PACKAGING } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { describeWith } from "../../harness/requirements.js";

const VERSION = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string }).version;
const GO_MODULE = "github.com/kvasir-kv/kvasir/sdks/go";
const PROGRAMS = join(ROOT, "testing/product/sdks/programs");

const folder = mkdtempSync(join(tmpdir(), "kvasir-sdk-packages-"));
let api: TestApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command that must succeed, while the server here responds. @returns what it prints */
async function run(
  cwd: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { PYTHONPATH: _, ...inherited } = process.env;
  const done = await promisify(execFile)(command, args, { cwd, env: { ...inherited, ...env } }).catch(
    ({ message, stdout }: { message: string; stdout: string }) => {
      throw new Error(`${message}\n${stdout}`);
    },
  );
  return done.stdout.trim();
}

describeWith(PYTHON_PACKAGING, "the Python package", () => {
  const built = join(folder, "built");
  const project = join(folder, "python-project");
  const python = join(project, ".venv/bin/python");
  let wheel: string;
  let sdist: string;

  beforeAll(async () => {
    const sources = join(folder, "sources");
    cpSync(join(ROOT, "sdks/python"), sources, {
      recursive: true,
      filter: (path) => basename(path) !== "__pycache__",
    });
    mkdirSync(built);
    const backend = `from setuptools import build_meta as b; print(b.build_wheel(${JSON.stringify(built)}), b.build_sdist(${JSON.stringify(built)}))`;
    const names = (await run(sources, "python3", ["-c", backend])).split("\n").at(-1);
    [wheel = "", sdist = ""] = names?.split(" ") ?? [];
    mkdirSync(project);
    await run(project, "python3", ["-m", "venv", "--without-pip", ".venv"]);
    const install = ["--python", python, "install", "--quiet", "--no-index", "--no-deps", join(built, wheel)];
    await run(project, "python3", ["-m", "pip", ...install]);
    cpSync(join(PROGRAMS, "uses_all.py"), join(project, "uses_all.py"));
  }, 120_000);

  it("says what it is, with its licence, its types and its addresses, and the source has its tests", async () => {
    expect([wheel, sdist]).toEqual([`kvasir_kv-${VERSION}-py3-none-any.whl`, `kvasir_kv-${VERSION}.tar.gz`]);
    const read = (name: string) =>
      run(built, "unzip", ["-p", wheel, `kvasir_kv-${VERSION}.dist-info/${name}`]);
    const metadata = await read("METADATA");
    for (const line of [
      "Name: kvasir-kv",
      "License-Expression: MIT",
      "Requires-Python: >=3.9",
      "License-File: LICENSE",
    ])
      expect(metadata.split("\n")).toContain(line);
    expect(metadata.match(/^Project-URL: .*https:\/\/github\.com\/kvasir-kv\/kvasir/gm)).toHaveLength(5);
    expect(metadata.match(/\]\((?!https:).*/g)).toBeNull();
    expect(metadata).not.toMatch(/^Requires-Dist: (?!.*extra ==)/m);
    expect(await read("licenses/LICENSE")).toContain("The Kvasir authors");
    const listed = await run(built, "tar", ["tzf", sdist]);
    const files = listed.split("\n").map((path) => path.slice(path.indexOf("/") + 1));
    for (const file of ["LICENSE", "README.md", "src/kvasir/py.typed", "tests/conftest.py"])
      expect(files).toContain(file);
  });

  it("is installed, and a program that uses all of it runs", async () => {
    const program = readFileSync(join(project, "uses_all.py"), "utf8");
    const names = await run(project, python, ["-c", "import kvasir; print(*kvasir.__all__)"]);
    expect(names.split(" ").filter((name) => !new RegExp(`\\b${name}\\b`).test(program))).toEqual([]);
    const methods = "print(*(n for n in dir(kvasir.Namespace) if n[0] != '_'))";
    const used = await run(project, python, ["-c", `import kvasir; ${methods}`]);
    expect(used.split(" ").filter((name) => !program.includes(`.${name}(`))).toEqual([]);
    expect(await run(project, python, ["uses_all.py", api.url, api.namespaceId])).toBe("all used");
    expect(await run(project, python, ["-m", "kvasir.runner", "--help"])).toContain(
      "Serve a Python function",
    );
  });

  describeWith(MYPY, "its types, for mypy", () => {
    it("are complete and right to the strictest of checks, and suit a program that uses all of it", async () => {
      const strict = ["--strict", "--cache-dir=/dev/null", "--python-executable", python];
      const checked = ["-p", "kvasir", "-m", "uses_all"];
      expect(await run(project, "python3", ["-m", "mypy", ...strict, ...checked])).toContain("Success");
    }, 120_000);
  });

  describeWith(PYRIGHT, "its types, for pyright", () => {
    it("suit a program that uses all of it, and the package itself is right", async () => {
      const include = ["uses_all.py", "../sources/src/kvasir"];
      const config = { include, strict: ["uses_all.py"], venvPath: ".", venv: ".venv" };
      writeFileSync(join(project, "pyrightconfig.json"), JSON.stringify(config));
      expect(await run(project, "pyright", [])).toContain("0 errors");
    }, 240_000);
  });
});

describeWith(GO, "the Go module", () => {
  it(
    "is downloaded from a module proxy by its path and tag, and a program that uses it runs",
    async () => {
      const proxy = await moduleProxy();
      const project = join(folder, "go-project");
      mkdirSync(project);
      const env = {
        GOPROXY: `file://${proxy}`,
        GOSUMDB: "off",
        GOFLAGS: "-modcacherw",
        GOTOOLCHAIN: "local",
        GOWORK: "off",
        CGO_ENABLED: "0",
        GOMODCACHE: join(folder, "modules"),
      };
      const go = (...args: string[]) => run(project, "go", args, env);
      await go("mod", "init", "example.com/shop");
      cpSync(join(PROGRAMS, "shop.go"), join(project, "main.go"));
      await go("get", `${GO_MODULE}@latest`);
      expect(readFileSync(join(project, "go.mod"), "utf8")).toContain(`${GO_MODULE} v${VERSION}`);
      expect(await go("run", ".", api.url, api.namespaceId)).toBe("put user:1\nAda");
      await go("vet", ".");
      expect(await go("doc", `${GO_MODULE}.Namespace.Put`)).toContain("Put writes a value");
      expect(await go("list", "-m", "-f", "{{.Dir}}", GO_MODULE)).toContain("modules");
    },
    FIRST_BUILD_TIMEOUT_MS,
  );
});

/** What a module proxy serves for the tag `sdks/go/v…`: the module's files as they are here. */
async function moduleProxy(): Promise<string> {
  const versions = join(folder, "proxy", GO_MODULE, "@v");
  const root = join(folder, "zip");
  const module = join(root, `${GO_MODULE}@v${VERSION}`);
  mkdirSync(versions, { recursive: true });
  cpSync(join(ROOT, "sdks/go"), module, { recursive: true });
  // Without entries for folders, which a module's archive does not have.
  const zip = `import zipfile, pathlib, sys
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    for path in sorted(pathlib.Path("github.com").rglob("*")):
        path.is_file() and archive.write(path)`;
  await run(root, "python3", ["-c", zip, join(versions, `v${VERSION}.zip`)]);
  cpSync(join(module, "go.mod"), join(versions, `v${VERSION}.mod`));
  writeFileSync(join(versions, "list"), `v${VERSION}\n`);
  const info = { Version: `v${VERSION}`, Time: "2026-01-01T00:00:00Z" };
  writeFileSync(join(versions, `v${VERSION}.info`), JSON.stringify(info));
  return join(folder, "proxy");
}
