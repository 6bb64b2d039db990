import { afterEach, beforeEach, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { GO } from "../../harness/languages.js";
import { FIRST_BUILD_TIMEOUT_MS } from "../../harness/limits.js";
import { Project } from "../../harness/project.js";
import { describeWith } from "../../harness/requirements.js";
import { converse } from "./converse.js";

describeWith(GO, "a Go function", () => {
  let project: Project;
  let running: Running | undefined;

  beforeEach(() => {
    project = new Project();
  });
  afterEach(async () => {
    await running?.close();
    running = undefined;
    project.remove();
  });

  const start = async (files: Record<string, string>, options: Parameters<typeof runFunctions>[1] = {}) => {
    project.write(files);
    running = await runFunctions([`${project.root}/fn.go`], {
      cacheDirectory: `${project.root}/.cache`,
      ...options,
    });
    return running;
  };
  const handler = (...lines: string[]) =>
    `func handler(w http.ResponseWriter, r *http.Request) {\n${lines.map((line) => `\t${line}\n`).join("")}}\n`;

  it(
    "needs no package and no imports, and has the helpers",
    async () => {
      const { text } = await start({
        "fn.go": handler(
          'if err := kvPut("a", "b", 1); err != nil { panic(err) }',
          'value, _ := kvGet("a")',
          'names, _ := kvList("")',
          'missing, err := kvGet("nothing")',
          'kvDelete("a")',
          'gone, _ := kvGet("a")',
          "fmt.Fprintf(w, `%s %v %q %v %q`, value, names, missing, err, gone)",
        ),
      });
      expect(await text()).toBe('b [a] "" <nil> ""');
    },
    FIRST_BUILD_TIMEOUT_MS,
  );

  it("may have both, imports that it does not use, and names of its own for the helpers", async () => {
    const { text } = await start({
      "fn.go": `// A comment above.
package function

import (
	"net/http"
	"os"
	str "strings"
)

func kvGet(key string) string { return "mine" }

var absent error = kvasir.ErrNotFound

${handler('w.Write([]byte(kvGet("x") + strconv.Itoa(1) + shared()))')}`,
      "shared.go": `package function

import "github.com/kvasir-kv/kvasir/sdks/go"

func shared() string {
	if !errors.Is(&kvasir.Error{Code: "key_not_found"}, absent) {
		return "another package"
	}
	return strings.ToUpper(" beside")
}
`,
      "another.go": handler(""),
    });
    expect(await text()).toBe("mine1 BESIDE");
  });

  it("is built in place if it is part of a module, and built again when a package of the module is edited", async () => {
    project.write({
      "go.mod": `module example.com/shop

go 1.21

require (
	example.com/lib v0.0.0
	kvasir v0.0.0
)

replace (
	example.com/lib => ./lib
	kvasir => ../nowhere
)
`,
      "lib/go.mod": "module example.com/lib\n\ngo 1.21\n",
      "lib/lib.go": 'package lib\n\nfunc Word() string { return "lib" }\n',
      "greet/greet.go": 'package greet\n\nconst Text = "hello"\n',
      "text.txt": "embedded",
      "platform_linux.go": 'package shop\n\nconst platform = "linux"\n',
      "platform_other.go": '//go:build !linux\n\npackage shop\n\nconst platform = "other"\n',
      "another.go": `package shop\n\n${handler("")}`,
    });
    const { text, events } = await start({
      "fn.go": `package shop

import (
	_ "embed"
	"net/http"

	"example.com/lib"
	"example.com/shop/greet"
)

//go:embed text.txt
var embedded string

func routes() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, greet.Text, " ", lib.Word(), " ", platform != "", " ", embedded)
	})
	return routes
}

var handler http.Handler = routes()
`,
    });
    expect(await text()).toBe("hello lib true embedded");
    project.write({ "greet/greet.go": 'package greet\n\nconst Text = "goodbye"\n' });
    await events.next("log", "reloaded");
    expect(await text()).toBe("goodbye lib true embedded");
    project.write({
      "fn.go": handler("fmt.Fprint(w, chi.NewRouter())").replace(/^/, 'import "example.com/chi"\n\n'),
    });
    expect((await events.next("error", "example.com/chi")).message).toMatch(
      /fn\.go:1:8: the package example\.com\/chi is not in go\.mod: run `go get example\.com\/chi`/,
    );
    project.write({ "fn.go": "func handler(w http.ResponseWriter) {}\n" });
    expect((await events.next("error", "a handler is")).message).toMatch(
      /fn\.go:1:6: a handler is func handler\(w http\.ResponseWriter, r \*http\.Request\)/,
    );
    expect(await text()).toBe("goodbye lib true embedded");
  });

  it("goes on in its last good version when an edit does not compile, and says where", async () => {
    const { text, events } = await start({ "fn.go": handler('fmt.Fprint(w, "good")') });
    project.write({ "fn.go": handler("", 'fmt.Fprint(w, "bad", nowhere)') });
    const compile = await events.next("error", "undefined");
    expect(compile.message).toMatch(/fn\.go:3:23: undefined: nowhere/);
    expect(compile.stack).toContain('3 | \tfmt.Fprint(w, "bad", nowhere)');
    expect(await text()).toBe("good");
    project.write({ "fn.go": handler("fmt.Fprint(w,") });
    expect((await events.next("error", "expected")).message).toMatch(/fn\.go:\d:\d+: /);
    project.write({ "fn.go": "const x = 1\n" });
    expect((await events.next("error", "no handler")).message).toMatch(
      /fn\.go:1:1: this file defines no handler/,
    );
    expect(await text()).toBe("good");
    project.write({ "fn.go": handler('fmt.Fprint(w, "mended")') });
    await events.next("log", "reloaded");
    expect(await text()).toBe("mended");
  });

  it("tells its output and its panics as events, with places in the user's file, and goes on", async () => {
    const { text, events, functions } = await start({
      "fn.go": handler(
        'log.Println("to the log")',
        'fmt.Println("to stdout")',
        'if r.URL.Path == "/bad" {',
        "\tvar none map[string]int",
        '\tnone["x"] = 1',
        "}",
        'fmt.Fprint(w, "fine")',
      ),
    });
    const answer = await fetch(`${functions.url}/bad`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain("assignment to entry in nil map");
    const { message, stack } = await events.next("error", "nil map");
    expect(message).toBe("panic: assignment to entry in nil map");
    expect(stack).toContain(`at ${project.root}/fn.go:6 in main.handler`);
    expect(await text()).toBe("fine");
    expect(events.all).toContainEqual({
      event: "log",
      level: "info",
      function: "fn",
      message: "to stdout",
    });
  });

  it("in an endless loop gets 504 and a new process; a crash starts it again", async () => {
    const { text, events, functions } = await start(
      {
        "fn.go": handler(
          'for r.URL.Path == "/loop" {',
          "}",
          'if r.URL.Path == "/crash" { os.Exit(3) }',
          "fmt.Fprint(w, os.Getpid())",
        ),
      },
      { requestTimeoutMs: 1000 },
    );
    const first = await text();
    expect((await fetch(`${functions.url}/loop`)).status).toBe(504);
    await events.next("error", "Its process is replaced");
    await expect.poll(() => text()).not.toBe(first);
    const second = await text();
    expect((await fetch(`${functions.url}/crash`)).status).toBe(502);
    expect(await text()).not.toBe(second);
    await events.next("error", "ended unasked (code 3)");
  });

  it("streams bodies in and out as they come", async () => {
    const { functions } = await start({
      "fn.go": handler(
        "piece := make([]byte, 100)",
        "for {",
        "\tn, err := r.Body.Read(piece)",
        "\tw.Write(bytes.ToUpper(piece[:n]))",
        "\tw.(http.Flusher).Flush()",
        "\tif err != nil { return }",
        "}",
      ),
    });
    expect(await converse(functions.url, ["one", "two"])).toEqual(["ONE", "TWO"]);
  });

  it("says that Go is missing where it is", async () => {
    process.env["KVASIR_GO"] = "/nowhere/go";
    try {
      await expect(start({ "fn.go": handler("") })).rejects.toThrow(
        "This is a Go function, and there is no go on the PATH.",
      );
    } finally {
      delete process.env["KVASIR_GO"];
    }
  });
});
