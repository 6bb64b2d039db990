// Command kvasir-function turns a Go function's files into a program. It adds a package clause,
// missing imports, the prelude's names and a main function. Positions in compiler errors and stacks
// still refer to the user's files.
//
//	kvasir-function -sdk DIR -out DIR function.go
//
// It prints one JSON object: the files that it read and, if any, the errors.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"os"
)

type result struct {
	// Files are the files of the program, to be watched.
	Files  []string  `json:"files"`
	Errors []problem `json:"errors"`
}

type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func main() {
	log.SetFlags(0)
	sdk := flag.String("sdk", "", "folder of the module kvasir")
	out := flag.String("out", "", "folder to write the program to")
	flag.Parse()
	if *sdk == "" || *out == "" || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	sources, errors := readPackage(flag.Arg(0))
	if len(errors) == 0 {
		errors = check(sources)
	}
	if len(errors) == 0 {
		if err := write(*out, *sdk, sources); err != nil {
			log.Fatal(err)
		}
	}
	output := result{Files: []string{}, Errors: errors}
	for _, source := range sources {
		output.Files = append(output.Files, source.path)
	}
	if err := json.NewEncoder(os.Stdout).Encode(output); err != nil {
		log.Fatal(err)
	}
}
