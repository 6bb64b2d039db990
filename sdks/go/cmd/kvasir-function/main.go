// Command kvasir-function turns a Go function's files into a program. It adds a package clause,
// missing imports, the prelude's names and a main function. Positions in compiler errors and stacks
// still refer to the user's files.
//
//	kvasir-function -out DIR function.go
//
// It prints one JSON object: the files of the program, how to build it and, if any, the errors. A function in a
// module is built in its own folder, with an overlay for the files that are changed or added, so that packages,
// `replace`, `embed` and build constraints mean what they mean to `go build`.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"os"
)

type result struct {
	// Files are the files of the program, to be watched.
	Files  []string   `json:"files"`
	Errors []problem  `json:"errors"`
	Build  *buildPlan `json:"build"`
}

// buildPlan says how `go build` makes the program.
type buildPlan struct {
	Folder string   `json:"folder"`
	Flags  []string `json:"flags"`
	// ModuleFile is the go.mod to which Kvasir's module must be added, under the path Sdk.
	ModuleFile string `json:"moduleFile"`
	Sdk        string `json:"sdk"`
	Cgo        bool   `json:"cgo"`
}

type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func main() {
	log.SetFlags(0)
	out := flag.String("out", "", "folder to write the program to")
	flag.Parse()
	if *out == "" || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	sources, errors := readPackage(flag.Arg(0))
	if len(errors) == 0 {
		errors = check(sources)
	}
	output := result{Files: []string{}, Errors: errors}
	for _, source := range sources {
		output.Files = append(output.Files, source.path)
	}
	root := moduleRoot(flag.Arg(0))
	if root != "" {
		output.Files = append(output.Files, moduleFiles(root, output.Files)...)
	}
	if len(errors) == 0 {
		made, err := write(*out, root, sources)
		if err != nil {
			log.Fatal(err)
		}
		output.Build = made
	}
	if err := json.NewEncoder(os.Stdout).Encode(output); err != nil {
		log.Fatal(err)
	}
}
