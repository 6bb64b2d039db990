package main

import (
	"go/ast"
	"path"
	"sort"
	"strconv"
)

// standard maps names in code to packages of the standard library that a file may use without importing them.
// If two packages have the same name, it has the one that functions usually need.
var standard = map[string]string{
	"atomic": "sync/atomic", "base32": "encoding/base32", "base64": "encoding/base64", "big": "math/big",
	"binary": "encoding/binary", "bits": "math/bits", "bufio": "bufio", "bytes": "bytes", "cmp": "cmp",
	"context": "context", "csv": "encoding/csv", "errors": "errors", "filepath": "path/filepath", "fmt": "fmt",
	"fs": "io/fs", "gzip": "compress/gzip", "hex": "encoding/hex", "hmac": "crypto/hmac", "html": "html",
	"http": "net/http", "httputil": "net/http/httputil", "io": "io", "json": "encoding/json", "log": "log",
	"maps": "maps", "math": "math", "md5": "crypto/md5", "mime": "mime", "multipart": "mime/multipart", "net": "net",
	"netip": "net/netip", "os": "os", "path": "path", "rand": "math/rand", "reflect": "reflect", "regexp": "regexp",
	"runtime": "runtime", "sha1": "crypto/sha1", "sha256": "crypto/sha256", "sha512": "crypto/sha512",
	"slices": "slices", "slog": "log/slog", "sort": "sort", "strconv": "strconv", "strings": "strings",
	"subtle": "crypto/subtle", "sync": "sync", "template": "html/template", "time": "time", "unicode": "unicode",
	"url": "net/url", "utf8": "unicode/utf8", "xml": "encoding/xml", "kvasir": sdkPath,
}

// missingImports returns the paths of the packages that a file uses but does not import.
func missingImports(file *source, declared map[string]bool) []string {
	imported := map[string]bool{}
	for _, spec := range file.parsed.Imports {
		imported[nameOf(spec)] = true
	}
	paths := []string{}
	for name := range packagesUsed(file.parsed) {
		if found, isStandard := standard[name]; isStandard && !imported[name] && !declared[name] {
			paths = append(paths, found)
		}
	}
	sort.Strings(paths)
	return paths
}

// unusedImports returns imports that the compiler would reject. A function should run even right after an
// edit.
func unusedImports(file *source) []*ast.ImportSpec {
	used := packagesUsed(file.parsed)
	unused := []*ast.ImportSpec{}
	for _, spec := range file.parsed.Imports {
		// For other packages only the path is known, and the package name may differ from it.
		if _, isStandard := standard[nameOf(spec)]; spec.Name == nil && !isStandard {
			continue
		}
		if name := nameOf(spec); name != "_" && name != "." && !used[name] {
			unused = append(unused, spec)
		}
	}
	return unused
}

// packagesUsed returns the names before a dot that the file does not declare.
func packagesUsed(file *ast.File) map[string]bool {
	unresolved := map[*ast.Ident]bool{}
	for _, identifier := range file.Unresolved {
		unresolved[identifier] = true
	}
	used := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		if selector, isSelector := node.(*ast.SelectorExpr); isSelector {
			if name, isName := selector.X.(*ast.Ident); isName && unresolved[name] {
				used[name.Name] = true
			}
		}
		return true
	})
	return used
}

func nameOf(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	importPath, _ := strconv.Unquote(spec.Path.Value)
	if importPath == sdkPath {
		return "kvasir"
	}
	return path.Base(importPath)
}
