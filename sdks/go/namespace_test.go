package kvasir_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/testserver"
)

var apiURL string

// TestMain provides a real server for the tests: KVASIR_TEST_URL, or one started from this repository's
// build.
func TestMain(m *testing.M) {
	var stop func()
	apiURL, stop = testserver.Start()
	if apiURL == "" {
		_ = flag.Set("test.skip", "^Example")
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

// newNamespace creates a separate namespace for a test.
func newNamespace(t *testing.T) (*kvasir.Namespace, string) {
	t.Helper()
	id := testserver.NewNamespace(t, apiURL)
	return kvasir.New(apiURL, "").Namespace(id), id
}

var ctx = context.Background()

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestWhatWasPutIsRead(t *testing.T) {
	kv, _ := newNamespace(t)
	for _, key := range []string{"plain", "a/b", "a b", "ä", "100%", "a?b#c", "🦊", "a+b"} {
		must(kv.Put(ctx, key, []byte(key+"\x00\xff"), nil))
		if got := string(must(kv.Get(ctx, key))); got != key+"\x00\xff" {
			t.Errorf("%q: got %q", key, got)
		}
	}
	must(kv.PutJSON(ctx, "json", map[string]int{"a": 1}, nil))
	var value map[string]int
	if err := kv.GetJSON(ctx, "json", &value); err != nil || value["a"] != 1 {
		t.Error(value, err)
	}
	must(kv.Put(ctx, "empty", nil, nil))
	if value := must(kv.Get(ctx, "empty")); len(value) != 0 {
		t.Errorf("got %q", value)
	}
}

func TestAMissingKeyIsErrNotFound(t *testing.T) {
	kv, _ := newNamespace(t)
	if _, err := kv.Get(ctx, "nothing"); !errors.Is(err, kvasir.ErrNotFound) {
		t.Error(err)
	}
	if err := kv.Touch(ctx, "nothing", time.Hour); !errors.Is(err, kvasir.ErrNotFound) {
		t.Error(err)
	}
	if err := kv.Delete(ctx, "nothing"); err != nil {
		t.Error(err)
	}
}

func TestMetadataExpirationAndVersionComeBack(t *testing.T) {
	kv, _ := newNamespace(t)
	options := &kvasir.PutOptions{TTL: time.Hour, Metadata: map[string]string{"who": "Ærøskøbing 🦊"}}
	version := must(kv.Put(ctx, "key", []byte("value"), options))
	entry := must(kv.GetEntry(ctx, "key"))
	if entry.Version != version || string(entry.Metadata) != `{"who":"Ærøskøbing 🦊"}` {
		t.Error(entry.Version, string(entry.Metadata))
	}
	if left := time.Until(entry.Expiration); left < 59*time.Minute || left > time.Hour+time.Second {
		t.Error(left)
	}
	if err := kv.Touch(ctx, "key", 0); err != nil || !must(kv.GetEntry(ctx, "key")).Expiration.IsZero() {
		t.Error("still expires", err)
	}
}

func TestConditionsThatDoNotHoldAreErrConditionFailed(t *testing.T) {
	kv, _ := newNamespace(t)
	version := must(kv.Put(ctx, "key", []byte("1"), &kvasir.PutOptions{IfAbsent: true}))
	if _, err := kv.Put(ctx, "key", []byte("2"), &kvasir.PutOptions{IfAbsent: true}); !errors.Is(err, kvasir.ErrConditionFailed) {
		t.Error(err)
	}
	next := must(kv.Put(ctx, "key", []byte("2"), &kvasir.PutOptions{IfVersion: version}))
	if err := kv.DeleteIfVersion(ctx, "key", version); !errors.Is(err, kvasir.ErrConditionFailed) {
		t.Error(err)
	}
	if err := kv.DeleteIfVersion(ctx, "key", next); err != nil {
		t.Error(err)
	}
}

func TestCountersAddUpFromManyGoroutines(t *testing.T) {
	kv, _ := newNamespace(t)
	var group sync.WaitGroup
	for i := 0; i < 50; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			must(kv.Increment(ctx, "counter", 2, 0))
		}()
	}
	group.Wait()
	if sum := must(kv.Increment(ctx, "counter", 0, 0)); sum != 100 {
		t.Error(sum)
	}
}

func TestListsPagesWithOptions(t *testing.T) {
	kv, _ := newNamespace(t)
	for _, name := range []string{"a/1", "a/2", "a/3", "b/1"} {
		must(kv.Put(ctx, name, []byte(strings.ToUpper(name)), &kvasir.PutOptions{Metadata: name}))
	}
	names := []string{}
	err := kv.Each(ctx, &kvasir.ListOptions{Prefix: "a/", Limit: 2}, func(key kvasir.ListedKey) error {
		names = append(names, key.Name)
		return nil
	})
	if err != nil || !reflect.DeepEqual(names, []string{"a/1", "a/2", "a/3"}) {
		t.Error(names, err)
	}
	page := must(kv.List(ctx, &kvasir.ListOptions{Reverse: true, Limit: 1, Values: true}))
	if key := page.Keys[0]; key.Name != "b/1" || key.Value != "B/1" || string(key.Metadata) != `"b/1"` || page.Cursor == "" {
		t.Error(key, page.Cursor)
	}
	if count := must(kv.Count(ctx, "a/")); count != 3 {
		t.Error(count)
	}
	if count := must(kv.DeletePrefix(ctx, "a/")); count != 3 || must(kv.Count(ctx, "")) != 1 {
		t.Error(count)
	}
}

func TestAtomicChangesAllOrNothing(t *testing.T) {
	kv, _ := newNamespace(t)
	version := must(kv.Put(ctx, "a", []byte("1"), nil))
	must(kv.Atomic().Check("a", version).Put("b", []byte{0xff}, nil).Increment("c", 5).Delete("a").Commit(ctx))
	if b := must(kv.Get(ctx, "b")); string(b) != "\xff" {
		t.Errorf("%q", b)
	}
	if _, err := kv.Atomic().Check("a", version).Put("b", nil, nil).Commit(ctx); !errors.Is(err, kvasir.ErrConditionFailed) {
		t.Error(err)
	}
	must(kv.Atomic().CheckAbsent("a").Put("a", []byte("new"), &kvasir.PutOptions{TTL: time.Minute, Metadata: 1}).Commit(ctx))
}

func TestErrorsHaveTheServersCode(t *testing.T) {
	kv, _ := newNamespace(t)
	cases := map[string]error{
		"expiration_invalid":  second(kv.Put(ctx, "key", nil, &kvasir.PutOptions{TTL: time.Second})),
		"namespace_not_found": second(kvasir.New(apiURL, "").Namespace("nowhere").Get(ctx, "key")),
		"unavailable":         second(kvasir.New("http://127.0.0.1:9", "").Namespace("x").Get(ctx, "key")),
	}
	for code, err := range cases {
		var found *kvasir.Error
		if !errors.As(err, &found) || found.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := kv.Get(cancelled, "key"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestHelpersUseTheNamespaceOfTheEnvironment(t *testing.T) {
	kv, id := newNamespace(t)
	t.Setenv("KVASIR_URL", apiURL)
	t.Setenv("KV_NAMESPACE_ID", id)
	if err := kvasir.KvPutWithExpiry("session", "value", 60); err != nil {
		t.Fatal(err)
	}
	var stored struct {
		Value     string
		ExpiresAt int64 `json:"expires_at"`
	}
	if err := kv.GetJSON(ctx, "session", &stored); err != nil || stored.Value != "value" {
		t.Error(stored, err)
	}
	if left := stored.ExpiresAt - time.Now().UnixMilli(); left < 30_000 || left > 60_000 {
		t.Error(left)
	}
	if value := must(kvasir.KvGetWithExpiry("session")); value != "value" {
		t.Error(value)
	}

	must(kv.PutJSON(ctx, "old", map[string]any{"value": "x", "expires_at": time.Now().UnixMilli() - 1}, nil))
	if value, err := kvasir.KvGetWithExpiry("old"); value != "" || err != nil {
		t.Error(value, err)
	}
	if _, err := kv.Get(ctx, "old"); !errors.Is(err, kvasir.ErrNotFound) {
		t.Error("an expired value was not deleted", err)
	}

	if err := kvasir.KvPut("plain", "text"); err != nil {
		t.Error(err)
	}
	if value, err := kvasir.KvGet("nothing"); value != "" || err != nil {
		t.Error(value, err)
	}
	if names := must(kvasir.KvList("")); !reflect.DeepEqual(names, []string{"plain", "session"}) {
		t.Error(names)
	}
	if err := kvasir.KvDelete("plain"); err != nil || must(kvasir.KvGet("plain")) != "" {
		t.Error(err)
	}
}
