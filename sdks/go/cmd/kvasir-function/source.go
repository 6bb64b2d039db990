package main

import (
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// handlerNames are the accepted names of a file's handler.
var handlerNames = []string{"handler", "Handler", "Handle"}

// source is one of the user's files.
type source struct {
	path string
	text []byte
	// parsed is the syntax tree of text, or of packagePrefix + text if the file has no package clause.
	parsed    *ast.File
	positions *token.FileSet
	prefix    int
	// declared are the names declared at the top level of the file.
	declared map[string]bool
}

// packagePrefix is put on the first line, so that line numbers stay the same.
const packagePrefix = "package main; "

// readPackage reads a function's file and the files of its folder that belong to it. These are all Go files
// except tests and files with a handler or main of their own, which are other functions. A file that the build
// constraints of this machine exclude belongs to it too, but need not be readable.
func readPackage(path string) ([]*source, []problem) {
	main, problems := readSource(path)
	sources := []*source{main}
	if len(problems) > 0 {
		return sources, problems
	}
	beside, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.go"))
	for _, other := range beside {
		if other == path || strings.HasSuffix(other, "_test.go") {
			continue
		}
		if matches, err := build.Default.MatchFile(filepath.Dir(other), filepath.Base(other)); err == nil && !matches {
			continue
		}
		read, problems := readSource(other)
		if read.handler() != "" || read.declared["main"] {
			continue
		}
		sources = append(sources, read)
		if len(problems) > 0 {
			return sources, problems
		}
	}
	return sources, nil
}

func readSource(path string) (*source, []problem) {
	read := &source{path: path, declared: map[string]bool{}}
	text, err := os.ReadFile(path)
	if err != nil {
		return read, []problem{{File: path, Message: err.Error()}}
	}
	read.text = text
	parsed, problems := read.parse(0)
	if parsed == nil || parsed.Name == nil || parsed.Name.Name == "_" || !parsed.Package.IsValid() {
		if len(problems) > 0 && strings.Contains(problems[0].Message, "expected 'package'") {
			parsed, problems = read.parse(len(packagePrefix))
		}
	}
	read.parsed = parsed
	if parsed != nil {
		read.collectDeclared()
	}
	return read, problems
}

func (s *source) parse(prefix int) (*ast.File, []problem) {
	s.prefix = prefix
	s.positions = token.NewFileSet()
	text := packagePrefix[:prefix] + string(s.text)
	parsed, err := parser.ParseFile(s.positions, s.path, text, parser.ParseComments)
	var list scanner.ErrorList
	if err == nil {
		return parsed, nil
	}
	if !errors.As(err, &list) {
		return parsed, []problem{{File: s.path, Message: err.Error()}}
	}
	problems := []problem{}
	for _, item := range list {
		line, column := s.place(item.Pos)
		problems = append(problems, problem{s.path, line, column, item.Msg})
	}
	return parsed, problems
}

func (s *source) collectDeclared() {
	for _, declaration := range s.parsed.Decls {
		switch declaration := declaration.(type) {
		case *ast.FuncDecl:
			if declaration.Recv == nil {
				s.declared[declaration.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range declaration.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						s.declared[name.Name] = true
					}
				case *ast.TypeSpec:
					s.declared[spec.Name.Name] = true
				}
			}
		}
	}
}

func (s *source) handler() string {
	for _, name := range handlerNames {
		if s.declared[name] {
			return name
		}
	}
	return ""
}

const handlerForm = "func handler(w http.ResponseWriter, r *http.Request)"

// check finds errors for which the compiler would refer to code that the user has not written.
func check(sources []*source) []problem {
	main := sources[0]
	if main.handler() == "" {
		return []problem{{File: main.path, Line: 1, Column: 1, Message: "this file defines no handler: write " +
			handlerForm + " { … }, or var handler http.Handler = …"}}
	}
	for _, declaration := range main.parsed.Decls {
		function, isFunction := declaration.(*ast.FuncDecl)
		if !isFunction || function.Recv != nil {
			continue
		}
		line, column := main.place(main.positions.Position(function.Name.Pos()))
		if function.Name.Name == "main" {
			return []problem{{main.path, line, column,
				"a function has no main of its own: Kvasir calls handler; remove func main"}}
		}
		if function.Name.Name == main.handler() && !isHandler(function.Type) {
			return []problem{{main.path, line, column, "a handler is " + handlerForm}}
		}
	}
	return nil
}

// isHandler reports whether a function takes two arguments of the right kinds and returns nothing. Only kinds are
// compared, because a type may have another name in this file. The compiler compares the types.
func isHandler(form *ast.FuncType) bool {
	if form.TypeParams != nil || form.Results != nil && len(form.Results.List) > 0 {
		return false
	}
	types := []ast.Expr{}
	for _, field := range form.Params.List {
		for count := max(len(field.Names), 1); count > 0; count-- {
			types = append(types, field.Type)
		}
	}
	if len(types) != 2 {
		return false
	}
	_, isPointer := types[1].(*ast.StarExpr)
	return isPointer
}

// place converts a position to a line and a column of the user's text.
func (s *source) place(position token.Position) (line, column int) {
	if position.Line == 1 {
		return 1, max(position.Column-s.prefix, 1)
	}
	return position.Line, position.Column
}

// offset converts a position to an offset in the user's text.
func (s *source) offset(position token.Pos) int {
	return s.positions.Position(position).Offset - s.prefix
}

// reversed reverses a list, for edits from the end, which keep earlier offsets valid.
func reversed(specs []*ast.ImportSpec) []*ast.ImportSpec {
	slices.Reverse(specs)
	return specs
}
