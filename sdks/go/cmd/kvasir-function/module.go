package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// watchedFilesMax bounds the files of a module that are watched.
const watchedFilesMax = 2000

// moduleRoot returns the folder of the go.mod that a file belongs to, or "" if there is none.
func moduleRoot(path string) string {
	for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			return ""
		}
	}
}

// mentionsTelnyx says whether the code of a function, or of its module, mentions Telnyx.
func mentionsTelnyx(root string, sources []*source) bool {
	for _, source := range sources {
		if bytes.Contains(bytes.ToLower(source.text), []byte("telnyx")) {
			return true
		}
	}
	if root == "" {
		return false
	}
	return slices.ContainsFunc(moduleFiles(root, nil), func(path string) bool {
		text, err := os.ReadFile(path)
		return err == nil && bytes.Contains(bytes.ToLower(text), []byte("telnyx"))
	})
}

// moduleFiles returns the files of a module that an edit may change, except those in known.
func moduleFiles(root string, known []string) []string {
	found := []string{}
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || len(found) >= watchedFilesMax {
			return fs.SkipDir
		}
		name := entry.Name()
		if entry.IsDir() {
			isOther := name == "vendor" || name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".")
			if path != root && isOther {
				return fs.SkipDir
			}
			return nil
		}
		isGo := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
		if (isGo || name == "go.mod" || name == "go.sum") && !slices.Contains(known, path) {
			found = append(found, path)
		}
		return nil
	})
	return found
}
