package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// generate writes a function's files to a folder. It returns the generated first file, or the errors.
func generate(t *testing.T, files ...string) (string, []problem) {
	t.Helper()
	folder, out := t.TempDir(), t.TempDir()
	for at, text := range files {
		name := []string{"fn.go", "beside.go", "more.go"}[at]
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sources, problems := readPackage(filepath.Join(folder, "fn.go"))
	if len(problems) == 0 {
		problems = check(sources)
	}
	if len(problems) > 0 {
		return "", problems
	}
	if _, err := write(out, "", sources); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "function0.go"))
	if err != nil {
		t.Fatal(err)
	}
	main, _ := os.ReadFile(filepath.Join(out, "kvasir_main.go"))
	return strings.ReplaceAll(string(text), folder, "DIR") + "\n----\n" + string(main), nil
}

const handler = "func handler(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, kvGet) }"

func TestAFileWithoutPackageGetsOneAndItsImports(t *testing.T) {
	text, problems := generate(t, handler)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := "package main; import \"fmt\"; import \"net/http\"\n/*line DIR/fn.go:1:1*/" + handler
	if !strings.HasPrefix(text, want) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestAFileWithPackageKeepsItsPlaces(t *testing.T) {
	text, _ := generate(t, "// About it.\n\npackage function\n\nimport \"net/http\"\n\n"+handler)
	want := "// About it.\n\npackage main; import \"fmt\"\n/*line DIR/fn.go:3:17*/\n\nimport \"net/http\"\n\n" + handler
	if !strings.HasPrefix(text, want) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestImportsThatNothingUsesAreKeptFromTheCompiler(t *testing.T) {
	text, _ := generate(t, "package main\nimport (\n\t\"os\"\n\tstr \"strings\"\n\t_ \"embed\"\n\t\"net/http\"\n)\n"+handler)
	for _, want := range []string{"\t_ \"os\"\n", "\t_  \"strings\"\n", "\t_ \"embed\"\n", "\t\"net/http\"\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestALocalNameIsNoPackage(t *testing.T) {
	text, _ := generate(t, "type box struct{ Value int }\nfunc handler(w http.ResponseWriter, r *http.Request) { json := box{}; _ = json.Value }")
	if strings.Contains(text, "encoding/json") {
		t.Error(text)
	}
}

func TestWhatTheUserDefinesIsTheUsers(t *testing.T) {
	text, _ := generate(t, handler, "func kvGet() {}", "package x\nfunc handler() {}\nfunc kvPut() {}")
	if strings.Contains(text, "kvGet =") || !strings.Contains(text, "kvPut = ") {
		t.Error(text)
	}
}

func TestProblemsSayWhere(t *testing.T) {
	cases := map[string]problem{
		"func handler(\n":                 {Line: 1, Message: "expected"},
		"const x = 1":                     {Line: 1, Message: "this file defines no handler"},
		handler + "\n\nfunc main() {}":    {Line: 3, Message: "remove func main"},
		"package p\n\nfunc handler() { (": {Line: 3, Message: "expected"},
	}
	for text, want := range cases {
		_, problems := generate(t, text)
		if len(problems) == 0 || problems[0].Line != want.Line || !strings.Contains(problems[0].Message, want.Message) {
			t.Errorf("%q: %+v", text, problems)
		}
	}
}
