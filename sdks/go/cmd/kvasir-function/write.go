package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strings"
)

// mainName is the name of the file with the prelude and main.
const mainName = "kvasir_main.go"

// prelude maps the names that a function can use without an import to names of the module.
var prelude = map[string]string{
	"kvGet":                  "KvGet",
	"kvPut":                  "KvPut",
	"kvDelete":               "KvDelete",
	"kvList":                 "KvList",
	"kvGetWithExpiry":        "KvGetWithExpiry",
	"kvPutWithExpiry":        "KvPutWithExpiry",
	"kvGetContext":           "KvGetContext",
	"kvPutContext":           "KvPutContext",
	"kvDeleteContext":        "KvDeleteContext",
	"kvListContext":          "KvListContext",
	"kvGetWithExpiryContext": "KvGetWithExpiryContext",
	"kvPutWithExpiryContext": "KvPutWithExpiryContext",
}

// write writes what the program needs beside the user's files, and returns how to build it. root is the folder of
// the user's go.mod, or "".
func write(out, root string, sources []*source) (*buildPlan, error) {
	declared := map[string]bool{}
	for _, source := range sources {
		for name := range source.declared {
			declared[name] = true
		}
	}
	sdk := sdkPathOf(root, sources)
	files := map[string]string{
		mainName: mainFile(sdk, sources[0].handler(), declared, mentionsTelnyx(root, sources)),
		"go.mod": moduleFile(root),
	}
	made := &buildPlan{
		Folder: out, Flags: []string{}, ModuleFile: filepath.Join(out, "go.mod"), Sdk: sdk, Cgo: usesCgo(sources),
	}
	overlay := map[string]string{}
	folder := filepath.Dir(sources[0].path)
	for at, source := range sources {
		// A new name, because outside of an overlay a name such as x_linux.go would be a build constraint.
		name := fmt.Sprintf("function%d.go", at)
		files[name] = userFile(source, declared, sdk)
		overlay[source.path] = filepath.Join(out, name)
	}
	if root != "" {
		if err := hideOtherFunctions(folder, overlay); err != nil {
			return nil, err
		}
		overlay[filepath.Join(folder, mainName)] = filepath.Join(out, mainName)
		text, err := json.Marshal(map[string]any{"Replace": overlay})
		if err != nil {
			return nil, err
		}
		files["overlay.json"] = string(text)
		made.Folder = folder
		made.Flags = []string{"-overlay=" + filepath.Join(out, "overlay.json"), "-modfile=" + made.ModuleFile}
		if sums, err := os.ReadFile(filepath.Join(root, "go.sum")); err == nil {
			files["go.sum"] = string(sums)
		}
	}
	return made, writeFiles(out, files)
}

// hideOtherFunctions removes the files of other functions in the folder from the build.
func hideOtherFunctions(folder string, overlay map[string]string) error {
	beside, err := filepath.Glob(filepath.Join(folder, "*.go"))
	for _, path := range beside {
		if _, isOwn := overlay[path]; isOwn || strings.HasSuffix(path, "_test.go") {
			continue
		}
		if other, _ := readSource(path); other.handler() != "" || other.declared["main"] {
			overlay[path] = ""
		}
	}
	return err
}

func usesCgo(sources []*source) bool {
	for _, source := range sources {
		for _, spec := range source.parsed.Imports {
			if spec.Path.Value == `"C"` {
				return true
			}
		}
	}
	return false
}

func writeFiles(out string, files map[string]string) error {
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	// Remove files of an earlier version, which would be compiled too.
	stale, _ := filepath.Glob(filepath.Join(out, "*.go"))
	for _, path := range append(stale, filepath.Join(out, "go.sum")) {
		if _, isNew := files[filepath.Base(path)]; !isNew {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
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
func userFile(file *source, declared map[string]bool, sdk string) string {
	imports := ""
	for _, path := range missingImports(file, declared) {
		if path == sdkPath {
			path = sdk
		}
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
	line, column, header := 1, 1, ""
	if file.prefix == 0 {
		position := file.positions.Position(file.parsed.Name.End())
		start, line, column = position.Offset, position.Line, position.Column
		// Build constraints stand above the package clause.
		header = text[:file.offset(file.parsed.Package)]
	}
	return fmt.Sprintf("%spackage main%s\n/*line %s:%d:%d*/%s", header, imports, file.path, line, column, text[start:])
}

func mainFile(sdk, handler string, declared map[string]bool, isTelnyx bool) string {
	names := []string{}
	for name := range prelude {
		if !declared[name] {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var text strings.Builder
	fmt.Fprintf(&text, "package main\n\nimport sdk__ %q\n\nvar (\n", sdk)
	for _, name := range names {
		fmt.Fprintf(&text, "\t%s = sdk__.%s\n", name, prelude[name])
	}
	reroute := ""
	if isTelnyx {
		reroute = "sdk__.RerouteTelnyx(); "
	}
	fmt.Fprintf(&text, ")\n\nfunc main() { %ssdk__.ServeFunction(%s) }\n", reroute, handler)
	return text.String()
}

var (
	versionLine = regexp.MustCompile(`(?m)^go\s+\d`)
	releaseName = regexp.MustCompile(`^go(\d+\.\d+)`)
)

// moduleFile returns the go.mod of a folder, or a new one if there is no folder. The module keeps its name, so that
// its packages can be imported.
func moduleFile(root string) string {
	text := "module function\n"
	if own, err := os.ReadFile(filepath.Join(root, "go.mod")); root != "" && err == nil {
		text = string(own)
	}
	if release := releaseName.FindStringSubmatch(runtime.Version()); release != nil && !versionLine.MatchString(text) {
		text += "\ngo " + release[1] + "\n"
	}
	return text
}
