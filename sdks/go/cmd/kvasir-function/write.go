package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strings"
)

// prelude maps the names that a function can use without an import to names of the module kvasir.
var prelude = map[string]string{
	"kvGet":           "KvGet",
	"kvPut":           "KvPut",
	"kvDelete":        "KvDelete",
	"kvList":          "KvList",
	"kvGetWithExpiry": "KvGetWithExpiry",
	"kvPutWithExpiry": "KvPutWithExpiry",
}

// write writes the program: each user's file, a file with the prelude and main, and a go.mod.
func write(out, sdk string, sources []*source) error {
	declared := map[string]bool{}
	for _, source := range sources {
		for name := range source.declared {
			declared[name] = true
		}
	}
	files := map[string]string{
		"kvasir_main.go": mainFile(sources[0].handler(), declared),
		"go.mod":         moduleFile(filepath.Dir(sources[0].path), sdk),
	}
	for at, source := range sources {
		// A new name, because a user's name may contain a build constraint such as _linux.
		files[fmt.Sprintf("function%d.go", at)] = userFile(source, declared)
	}
	if sums, err := os.ReadFile(filepath.Join(filepath.Dir(sources[0].path), "go.sum")); err == nil {
		files["go.sum"] = string(sums)
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	// Remove files of an earlier version, which would be compiled too.
	stale, _ := filepath.Glob(filepath.Join(out, "*.go"))
	for _, path := range stale {
		if _, isNew := files[filepath.Base(path)]; !isNew {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// userFile returns a file with our package clause and imports in front. Line directives map each
// line and column to its origin.
func userFile(file *source, declared map[string]bool) string {
	imports := ""
	for _, path := range missingImports(file, declared) {
		imports += fmt.Sprintf("; import %q", path)
	}
	text, start := string(file.text), 0
	for _, spec := range reversed(unusedImports(file)) {
		from := file.offset(spec.Pos())
		to := from
		if spec.Name != nil {
			to = file.offset(spec.Name.End())
		}
		text = text[:from] + "_ " + text[to:]
	}
	line, column := 1, 1
	if file.prefix == 0 {
		position := file.positions.Position(file.parsed.Name.End())
		start, line, column = position.Offset, position.Line, position.Column
	}
	return fmt.Sprintf("package main%s\n/*line %s:%d:%d*/%s", imports, file.path, line, column, text[start:])
}

func mainFile(handler string, declared map[string]bool) string {
	names := []string{}
	for name := range prelude {
		if !declared[name] {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var text strings.Builder
	text.WriteString("package main\n\nimport sdk__ \"kvasir\"\n\nvar (\n")
	for _, name := range names {
		fmt.Fprintf(&text, "\t%s = sdk__.%s\n", name, prelude[name])
	}
	fmt.Fprintf(&text, ")\n\nfunc main() { sdk__.Serve(%s) }\n", handler)
	return text.String()
}

var (
	moduleLine  = regexp.MustCompile(`(?m)^module\s+\S+`)
	versionLine = regexp.MustCompile(`(?m)^go\s+\d`)
	releaseName = regexp.MustCompile(`^go(\d+\.\d+)`)
)

// moduleFile returns the user's go.mod, if there is one, with the module kvasir added.
func moduleFile(folder, sdk string) string {
	text := "module function\n"
	if own, err := os.ReadFile(filepath.Join(folder, "go.mod")); err == nil {
		text = moduleLine.ReplaceAllString(string(own), "module function")
	}
	if release := releaseName.FindStringSubmatch(runtime.Version()); release != nil && !versionLine.MatchString(text) {
		text += "\ngo " + release[1] + "\n"
	}
	return text + fmt.Sprintf("\nrequire kvasir v0.0.0\n\nreplace kvasir => %q\n", sdk)
}
