package main

import (
	"os"
	"path/filepath"
	"regexp"
)

const (
	// sdkPath is the path of the module that has the helpers.
	sdkPath = "github.com/kvasir-kv/kvasir/sdks/go"
	// sdkFormerPath is the path that it had before it could be downloaded.
	sdkFormerPath = "kvasir"
)

var requiresFormer = regexp.MustCompile(`(?m)^\s*(require\s+)?kvasir\s+v`)

// sdkPathOf returns the path by which a function's program imports the module. One program uses one path, so that the
// errors and types of the helpers are those that its own code names.
func sdkPathOf(root string, sources []*source) string {
	for _, source := range sources {
		for _, spec := range source.parsed.Imports {
			if spec.Path.Value == `"`+sdkFormerPath+`"` {
				return sdkFormerPath
			}
		}
	}
	own, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if root != "" && err == nil && requiresFormer.Match(own) {
		return sdkFormerPath
	}
	return sdkPath
}
