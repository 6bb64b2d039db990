package kvasir_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/testserver"
)

// The examples leave out most checks of errors, for brevity.

func ExampleNew() {
	client := kvasir.New(apiURL, "").WithTimeout(2 * time.Second)
	kv := client.Namespace(newID())
	_, err := kv.Put(ctx, "greeting", []byte("hello"), nil)
	fmt.Println(err)
	// Output:
	// <nil>
}

func ExampleClient_Namespace() {
	kv := kvasir.New(apiURL, "").Namespace(newID())
	count, _ := kv.Count(ctx, "")
	fmt.Println(count)
	// Output:
	// 0
}

func ExampleClient_WithTimeout() {
	kv := kvasir.New("http://127.0.0.1:9", "").WithTimeout(time.Second).Namespace("0f2b4c6d8e0a41c3a5b7c9d1e3f50617")
	_, err := kv.Get(ctx, "key")
	fmt.Println(errors.Is(err, kvasir.ErrUnavailable))
	// Output:
	// true
}

func ExampleClient_WithRetries() {
	client := kvasir.New(apiURL, "").WithRetries(5)
	_, err := client.Namespace(newID()).Get(ctx, "nothing")
	fmt.Println(errors.Is(err, kvasir.ErrNotFound))
	// Output:
	// true
}

func ExampleClient_CloseIdleConnections() {
	client := kvasir.New(apiURL, "")
	defer client.CloseIdleConnections()
	_, err := client.Namespace(newID()).Count(ctx, "")
	fmt.Println(err)
	// Output:
	// <nil>
}

func ExampleNamespaceFromEnvironment() {
	os.Setenv("KVASIR_URL", apiURL)
	os.Setenv("KV_NAMESPACE_ID", newID())
	kv, _ := kvasir.NamespaceFromEnvironment("")
	count, _ := kv.Count(ctx, "")
	fmt.Println(count)
	// Output:
	// 0
}

func ExampleNamespace_Get() {
	kv := open()
	kv.Put(ctx, "user:1", []byte("Ada"), nil)
	value, _ := kv.Get(ctx, "user:1")
	_, err := kv.Get(ctx, "nothing")
	fmt.Println(string(value), errors.Is(err, kvasir.ErrNotFound))
	// Output:
	// Ada true
}

func ExampleNamespace_GetEntry() {
	kv := open()
	version, _ := kv.Put(ctx, "user:1", []byte("Ada"), &kvasir.PutOptions{Metadata: map[string]string{"plan": "free"}})
	entry, _ := kv.GetEntry(ctx, "user:1")
	fmt.Println(string(entry.Value), string(entry.Metadata), entry.Version == version)
	// Output:
	// Ada {"plan":"free"} true
}

func ExampleNamespace_GetJSON() {
	kv := open()
	kv.PutJSON(ctx, "cart", map[string]int{"apples": 2}, nil)
	var cart map[string]int
	err := kv.GetJSON(ctx, "cart", &cart)
	fmt.Println(cart, err)
	// Output:
	// map[apples:2] <nil>
}

func ExampleNamespace_GetStream() {
	kv := open()
	kv.Put(ctx, "report", []byte("line 1\nline 2\n"), nil)
	stream, _ := kv.GetStream(ctx, "report")
	defer stream.Close()
	io.Copy(os.Stdout, stream)
	// Output:
	// line 1
	// line 2
}

func ExampleNamespace_GetMany() {
	kv := open()
	kv.Put(ctx, "a", []byte("1"), nil)
	values, _ := kv.GetMany(ctx, []string{"a", "nothing"})
	fmt.Printf("%s\n", values)
	// Output:
	// map[a:1]
}

func ExampleNamespace_GetManyWithMetadata() {
	kv := open()
	kv.Put(ctx, "a", []byte("1"), &kvasir.PutOptions{Metadata: 7})
	values, _ := kv.GetManyWithMetadata(ctx, []string{"a"})
	fmt.Printf("%s %s\n", values["a"].Value, values["a"].Metadata)
	// Output:
	// 1 7
}

func ExampleNamespace_Put() {
	kv := open()
	_, err := kv.Put(ctx, "session", []byte("data"), &kvasir.PutOptions{TTL: time.Hour, IfAbsent: true})
	_, again := kv.Put(ctx, "session", []byte("other"), &kvasir.PutOptions{IfAbsent: true})
	fmt.Println(err, errors.Is(again, kvasir.ErrConditionFailed))
	// Output:
	// <nil> true
}

func ExampleNamespace_PutIfVersion() {
	kv := open()
	version, _ := kv.Put(ctx, "a", []byte("1"), nil)
	_, err := kv.PutIfVersion(ctx, "a", []byte("2"), version, nil)
	_, late := kv.PutIfVersion(ctx, "a", []byte("3"), version, nil)
	fmt.Println(err, errors.Is(late, kvasir.ErrConditionFailed))
	// Output:
	// <nil> true
}

func ExampleNamespace_PutJSON() {
	kv := open()
	kv.PutJSON(ctx, "point", []float64{1, 2.5}, nil)
	value, _ := kv.Get(ctx, "point")
	fmt.Println(string(value))
	// Output:
	// [1,2.5]
}

func ExampleNamespace_PutStream() {
	kv := open()
	_, err := kv.PutStream(ctx, "upload", strings.NewReader("a file"), nil)
	value, _ := kv.Get(ctx, "upload")
	fmt.Println(string(value), err)
	// Output:
	// a file <nil>
}

func ExampleNamespace_PutMany() {
	kv := open()
	err := kv.PutMany(ctx, map[string][]byte{"a": []byte("1"), "b": []byte("2")}, &kvasir.PutOptions{TTL: time.Hour})
	count, _ := kv.Count(ctx, "")
	fmt.Println(count, err)
	// Output:
	// 2 <nil>
}

func ExampleNamespace_Delete() {
	fmt.Println(open().Delete(ctx, "nothing"))
	// Output:
	// <nil>
}

func ExampleNamespace_DeleteIfVersion() {
	kv := open()
	version, _ := kv.Put(ctx, "a", []byte("1"), nil)
	kv.Put(ctx, "a", []byte("2"), nil)
	err := kv.DeleteIfVersion(ctx, "a", version)
	fmt.Println(errors.Is(err, kvasir.ErrConditionFailed))
	// Output:
	// true
}

func ExampleNamespace_DeleteMany() {
	fmt.Println(open().DeleteMany(ctx, []string{"a", "b"}))
	// Output:
	// <nil>
}

func ExampleNamespace_Increment() {
	kv := open()
	first, _ := kv.Increment(ctx, "visits", 1, 0)
	second, _ := kv.Increment(ctx, "visits", 10, 0)
	fmt.Println(first, second)
	// Output:
	// 1 11
}

func ExampleNamespace_Touch() {
	kv := open()
	kv.Put(ctx, "a", []byte("1"), nil)
	err := kv.Touch(ctx, "a", time.Hour)
	missing := kv.Touch(ctx, "nothing", time.Hour)
	fmt.Println(err, errors.Is(missing, kvasir.ErrNotFound))
	// Output:
	// <nil> true
}

func ExampleNamespace_TouchAt() {
	kv := open()
	kv.Put(ctx, "a", []byte("1"), nil)
	fmt.Println(kv.TouchAt(ctx, "a", time.Now().Add(24*time.Hour)))
	// Output:
	// <nil>
}

func ExampleNamespace_List() {
	kv := open()
	kv.PutMany(ctx, map[string][]byte{"user:1": []byte("Ada"), "user:2": []byte("Bob")}, nil)
	page, _ := kv.List(ctx, &kvasir.ListOptions{Prefix: "user:", Limit: 1, Values: true})
	fmt.Println(page.Keys[0].Name, page.Keys[0].Value, page.Cursor != "")
	// Output:
	// user:1 Ada true
}

func ExampleNamespace_Each() {
	kv := open()
	kv.PutMany(ctx, map[string][]byte{"user:1": nil, "user:2": nil}, nil)
	kv.Each(ctx, &kvasir.ListOptions{Reverse: true}, func(key kvasir.ListedKey) error {
		fmt.Println(key.Name)
		return nil
	})
	// Output:
	// user:2
	// user:1
}

func ExampleNamespace_Keys() {
	kv := open()
	kv.PutMany(ctx, map[string][]byte{"user:1": nil, "user:2": nil}, nil)
	// Since Go 1.23: for key, err := range kv.Keys(ctx, nil) { … }
	kv.Keys(ctx, nil)(func(key kvasir.ListedKey, err error) bool {
		fmt.Println(key.Name, err)
		return true
	})
	// Output:
	// user:1 <nil>
	// user:2 <nil>
}

func ExampleNamespace_Count() {
	kv := open()
	kv.Put(ctx, "user:1", nil, nil)
	count, _ := kv.Count(ctx, "user:")
	fmt.Println(count)
	// Output:
	// 1
}

func ExampleNamespace_DeletePrefix() {
	kv := open()
	kv.PutMany(ctx, map[string][]byte{"tmp/1": nil, "tmp/2": nil}, nil)
	count, _ := kv.DeletePrefix(ctx, "tmp/")
	fmt.Println(count)
	// Output:
	// 2
}

func ExampleNamespace_DeletePrefixWithOptions() {
	kv := open()
	kv.Put(ctx, "a", nil, nil)
	count, _ := kv.DeletePrefixWithOptions(ctx, "", &kvasir.DeletePrefixOptions{DryRun: true, All: true})
	fmt.Println(count)
	// Output:
	// 1
}

func ExampleNamespace_Atomic() {
	kv := open()
	version, _ := kv.Put(ctx, "a", []byte("100"), nil)
	_, err := kv.Atomic().Check("a", version).Put("a", []byte("90"), nil).Increment("moves", 1).Commit(ctx)
	_, late := kv.Atomic().Check("a", version).Delete("a").Commit(ctx)
	fmt.Println(err, errors.Is(late, kvasir.ErrConditionFailed))
	// Output:
	// <nil> true
}

func ExampleNamespace_Position() {
	kv := open()
	position, err := kv.Position(ctx)
	fmt.Println(position != "", err)
	// Output:
	// true <nil>
}

func ExampleNamespace_Watch() {
	kv := open()
	before, _ := kv.Position(ctx)
	kv.Put(ctx, "user:1", []byte("Ada"), nil)
	// Since Go 1.23: for change, err := range kv.Watch(ctx, …) { … }
	kv.Watch(ctx, &kvasir.WatchOptions{Since: before})(func(change kvasir.Change, err error) bool {
		fmt.Println(change.Type, change.Key, err)
		return false
	})
	// Output:
	// put user:1 <nil>
}

func ExampleNamespace_WithCacheTTL() {
	kv := open()
	kv.Put(ctx, "a", []byte("1"), nil)
	value, _ := kv.WithCacheTTL(time.Minute).Get(ctx, "a")
	fmt.Println(string(value))
	// Output:
	// 1
}

func ExampleAtomic_Check() {
	_, err := open().Atomic().Check("a", 7).Put("a", []byte("1"), nil).Commit(ctx)
	fmt.Println(errors.Is(err, kvasir.ErrConditionFailed))
	// Output:
	// true
}

func ExampleAtomic_CheckAbsent() {
	_, err := open().Atomic().CheckAbsent("a").Put("a", []byte("1"), nil).Commit(ctx)
	fmt.Println(err)
	// Output:
	// <nil>
}

func ExampleAtomic_Put() {
	kv := open()
	kv.Atomic().Put("a", []byte("1"), &kvasir.PutOptions{TTL: time.Hour}).Put("b", []byte("2"), nil).Commit(ctx)
	count, _ := kv.Count(ctx, "")
	fmt.Println(count)
	// Output:
	// 2
}

func ExampleAtomic_Delete() {
	_, err := open().Atomic().Delete("a").Delete("b").Commit(ctx)
	fmt.Println(err)
	// Output:
	// <nil>
}

func ExampleAtomic_Increment() {
	kv := open()
	kv.Atomic().Increment("n", 2).Increment("n", 3).Commit(ctx)
	value, _ := kv.Get(ctx, "n")
	fmt.Println(string(value))
	// Output:
	// 5
}

func ExampleAtomic_IncrementWithTTL() {
	_, err := open().Atomic().IncrementWithTTL("requests", 1, time.Minute).Commit(ctx)
	fmt.Println(err)
	// Output:
	// <nil>
}

func ExampleAtomic_Commit() {
	version, err := open().Atomic().Put("a", []byte("1"), nil).Commit(ctx)
	fmt.Println(version > 0, err)
	// Output:
	// true <nil>
}

func ExampleError() {
	_, err := open().Get(ctx, strings.Repeat("x", 600))
	var failed *kvasir.Error
	if errors.As(err, &failed) {
		fmt.Println(failed.Code, errors.Is(err, kvasir.ErrInvalid))
	}
	// Output:
	// key_too_long true
}

// open returns a new namespace.
func open() *kvasir.Namespace { return kvasir.New(apiURL, "").Namespace(newID()) }

func newID() string {
	return must(testserver.CreateNamespace(apiURL, fmt.Sprint("example-", time.Now().UnixNano())))
}

// TestEveryOperationIsDocumentedAndHasAnExample looks at the exported functions and methods.
func TestEveryOperationIsDocumentedAndHasAnExample(t *testing.T) {
	packages, err := parser.ParseDir(token.NewFileSet(), ".", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	examples := map[string]bool{}
	for _, file := range packages["kvasir_test"].Files {
		for _, declared := range file.Decls {
			if function, isFunction := declared.(*ast.FuncDecl); isFunction {
				examples[function.Name.Name] = true
			}
		}
	}
	// What runs a function, or what its code uses without a package, is shown in docs/guides/go.md.
	runs := map[string]bool{"Serve": true, "ServeFunction": true, "RerouteTelnyx": true}
	shown := map[string]bool{"Client": true, "Namespace": true, "Atomic": true, "": true}
	for _, file := range packages["kvasir"].Files {
		for _, declared := range file.Decls {
			function, isFunction := declared.(*ast.FuncDecl)
			if !isFunction || !function.Name.IsExported() {
				continue
			}
			name, receiver := function.Name.Name, receiverOf(function)
			if receiver != "" && !ast.IsExported(receiver) {
				continue
			}
			if function.Doc.Text() == "" && !(receiver == "Error") {
				t.Error("no comment:", receiver, name)
			}
			if runs[name] || strings.HasPrefix(name, "Kv") || !shown[receiver] {
				continue
			}
			example := strings.TrimPrefix(receiver+"_"+name, "_")
			if !examples["Example"+example] {
				t.Error("no example:", example)
			}
		}
	}
}

func receiverOf(function *ast.FuncDecl) string {
	if function.Recv == nil {
		return ""
	}
	kind := function.Recv.List[0].Type
	if pointer, isPointer := kind.(*ast.StarExpr); isPointer {
		kind = pointer.X
	}
	return kind.(*ast.Ident).Name
}
