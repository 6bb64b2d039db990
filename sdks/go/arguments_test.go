package kvasir_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

// codeOf returns the code of an error, and whether the client raised it without asking the server.
func codeOf(err error) (code string, before bool) {
	var found *kvasir.Error
	if errors.As(err, &found) {
		return found.Code, found.Status == 0
	}
	return "", false
}

func TestKeysThatMakeAnotherPathAreRefused(t *testing.T) {
	kv, id := newNamespace(t)
	t.Setenv("KVASIR_URL", apiURL)
	t.Setenv("KV_NAMESPACE_ID", id)
	uses := map[string]func(key string) error{
		"Get":             func(key string) error { return second(kv.Get(ctx, key)) },
		"GetEntry":        func(key string) error { return second(kv.GetEntry(ctx, key)) },
		"GetMany":         func(key string) error { return second(kv.GetMany(ctx, []string{"other", key})) },
		"Put":             func(key string) error { return second(kv.Put(ctx, key, nil, nil)) },
		"PutIfVersion":    func(key string) error { return second(kv.PutIfVersion(ctx, key, nil, 1, nil)) },
		"Delete":          func(key string) error { return kv.Delete(ctx, key) },
		"DeleteIfVersion": func(key string) error { return kv.DeleteIfVersion(ctx, key, 1) },
		"Increment":       func(key string) error { return second(kv.Increment(ctx, key, 1, 0)) },
		"Touch":           func(key string) error { return kv.Touch(ctx, key, 0) },
		"atomic Check":    func(key string) error { return second(kv.Atomic().Check(key, 1).Commit(ctx)) },
		"atomic Absent":   func(key string) error { return second(kv.Atomic().CheckAbsent(key).Commit(ctx)) },
		"atomic Put":      func(key string) error { return second(kv.Atomic().Put(key, nil, nil).Commit(ctx)) },
		"atomic Delete":   func(key string) error { return second(kv.Atomic().Delete(key).Commit(ctx)) },
		"atomic Incr":     func(key string) error { return second(kv.Atomic().Increment(key, 1).Commit(ctx)) },
		"KvGet":           func(key string) error { return second(kvasir.KvGet(key)) },
		"KvPut":           func(key string) error { return kvasir.KvPut(key, "") },
		"KvDelete":        func(key string) error { return kvasir.KvDelete(key) },
	}
	for name, use := range uses {
		for _, key := range []string{"", ".", "..", "a\xff", strings.Repeat("x", 513)} {
			wanted := "key_invalid"
			if len(key) > 2 {
				wanted = "key_too_long"
			}
			if code, before := codeOf(use(key)); code != wanted || !before {
				t.Errorf("%s(%q): %q, before it was sent: %v", name, key, code, before)
			}
		}
	}
	if count := must(kv.Count(ctx, "")); count != 0 {
		t.Error(count)
	}
}

func TestVersionZeroIsACondition(t *testing.T) {
	kv, _ := newNamespace(t)
	must(kv.Put(ctx, "key", []byte("value"), nil))
	for name, err := range map[string]error{
		"DeleteIfVersion": kv.DeleteIfVersion(ctx, "key", 0),
		"PutIfVersion":    second(kv.PutIfVersion(ctx, "key", nil, 0, nil)),
		"Check":           second(kv.Atomic().Check("key", 0).Delete("key").Commit(ctx)),
		"absent":          second(kv.PutIfVersion(ctx, "nothing", nil, 0, nil)),
	} {
		if !errors.Is(err, kvasir.ErrConditionFailed) {
			t.Error(name, err)
		}
	}
	if value := must(kv.Get(ctx, "key")); string(value) != "value" {
		t.Errorf("%q", value)
	}
}

func TestAtomicPutKeepsToTheConditionsOfItsOptions(t *testing.T) {
	kv, _ := newNamespace(t)
	version := must(kv.Put(ctx, "key", []byte("value"), nil))
	for _, options := range []*kvasir.PutOptions{{IfAbsent: true}, {IfVersion: version + 1}} {
		_, err := kv.Atomic().Put("other", nil, nil).Put("key", []byte("lost"), options).Commit(ctx)
		if !errors.Is(err, kvasir.ErrConditionFailed) {
			t.Error(options, err)
		}
	}
	if value := must(kv.Get(ctx, "key")); string(value) != "value" || must(kv.Count(ctx, "")) != 1 {
		t.Errorf("%q", value)
	}
	must(kv.Atomic().Put("key", []byte("new"), &kvasir.PutOptions{IfVersion: version}).
		Put("other", nil, &kvasir.PutOptions{IfAbsent: true}).Commit(ctx))
}

func TestAPartOfASecondCountsAsAWholeOne(t *testing.T) {
	kv, _ := newNamespace(t)
	begun := time.Now()
	options := &kvasir.PutOptions{TTL: 60*time.Second + time.Millisecond}
	must(kv.Put(ctx, "put", nil, options))
	must(kv.Atomic().Put("atomic", nil, options).Commit(ctx))
	must(kv.Increment(ctx, "counter", 1, options.TTL))
	must(kv.Put(ctx, "touched", nil, nil))
	if err := kv.Touch(ctx, "touched", options.TTL); err != nil {
		t.Error(err)
	}
	for _, key := range []string{"put", "atomic", "counter", "touched"} {
		if left := must(kv.GetEntry(ctx, key)).Expiration.Sub(begun.Truncate(time.Second)); left < 61*time.Second {
			t.Error(key, left)
		}
	}
	// Zero would mean forever.
	for _, ttl := range []time.Duration{time.Nanosecond, -time.Nanosecond, -time.Hour} {
		if code, _ := codeOf(second(kv.Put(ctx, "key", nil, &kvasir.PutOptions{TTL: ttl}))); code != "expiration_invalid" {
			t.Error(ttl, code)
		}
	}
}

func TestHelpersRefuseLifetimesThatDoNotFit(t *testing.T) {
	_, id := newNamespace(t)
	t.Setenv("KVASIR_URL", apiURL)
	t.Setenv("KV_NAMESPACE_ID", id)
	for _, err := range []error{
		kvasir.KvPut("key", "value", math.MaxInt64),
		kvasir.KvPut("key", "value", math.MaxInt64/int(time.Second)+1),
		kvasir.KvPut("key", "value", 60, 120),
		kvasir.KvPutWithExpiry("key", "value", math.MaxInt64),
	} {
		if code, before := codeOf(err); code != "expiration_invalid" || !before {
			t.Error(err)
		}
	}
}

func TestValuesOfABulkReadAreExact(t *testing.T) {
	kv, _ := newNamespace(t)
	wanted := map[string]string{"bytes": "a\xff", "text": "ä", "replacement": "\uFFFD", "empty": ""}
	keys := []string{"missing"}
	for key, value := range wanted {
		must(kv.Put(ctx, key, []byte(value), &kvasir.PutOptions{Metadata: "\x7f"}))
		keys = append(keys, key)
	}
	for len(keys) < 250 {
		keys = append(keys, strings.Repeat("x", len(keys)))
	}
	values := must(kv.GetMany(ctx, keys))
	if len(values) != len(wanted) {
		t.Error(values)
	}
	for key, value := range wanted {
		if string(values[key]) != value {
			t.Errorf("%s: %q", key, values[key])
		}
	}
	if metadata := must(kv.GetEntry(ctx, "text")).Metadata; string(metadata) != `"\u007f"` {
		t.Errorf("%s", metadata)
	}
}

func TestEveryLanguageReadsTheSameAndDeletesOnlyWhatHasExpired(t *testing.T) {
	kv, id := newNamespace(t)
	t.Setenv("KVASIR_URL", apiURL)
	t.Setenv("KV_NAMESPACE_ID", id)
	var vectors []struct {
		What, Stored string
		Value        any
		Expired      bool
	}
	if err := json.Unmarshal(must(os.ReadFile("../../testing/conformance/vectors/expiring-values.json")), &vectors); err != nil {
		t.Fatal(err)
	}
	for _, vector := range vectors {
		must(kv.Put(ctx, "key", []byte(vector.Stored), nil))
		text := must(kvasir.KvGetWithExpiry("key"))
		_, err := kv.Get(ctx, "key")
		if vector.Expired {
			if text != "" || !errors.Is(err, kvasir.ErrNotFound) {
				t.Errorf("%s: %q, %v", vector.What, text, err)
			}
			continue
		}
		var value any = text
		if _, isText := vector.Value.(string); !isText {
			_ = json.Unmarshal([]byte(text), &value)
		}
		if !reflect.DeepEqual(value, vector.Value) || err != nil {
			t.Errorf("%s: %q, %v", vector.What, text, err)
		}
	}
}

func TestWhatIsNotUTF8IsRefusedAndNotReplaced(t *testing.T) {
	kv, id := newNamespace(t)
	must(kv.Put(ctx, "\uFFFD", nil, nil))
	metadata := &kvasir.PutOptions{Metadata: map[string]string{"a": "\xff"}}
	for name, err := range map[string]error{
		"delete":   second(kv.DeletePrefix(ctx, "\xff")),
		"list":     second(kv.List(ctx, &kvasir.ListOptions{Prefix: "\xff"})),
		"start":    second(kv.List(ctx, &kvasir.ListOptions{Start: "\xff"})),
		"count":    second(kv.Count(ctx, "\xff")),
		"json":     second(kv.PutJSON(ctx, "a", []string{"\xff"}, nil)),
		"metadata": second(kv.Put(ctx, "a", nil, metadata)),
		"atomic":   second(kv.Atomic().Put("a", nil, metadata).Commit(ctx)),
		"both":     second(kv.Put(ctx, "a", nil, &kvasir.PutOptions{IfAbsent: true, IfVersion: 1})),
	} {
		if !errors.Is(err, kvasir.ErrInvalid) {
			t.Error(name, err)
		}
	}
	if count := must(kv.Count(ctx, "")); count != 1 {
		t.Error(count)
	}
	must(kv.PutJSON(ctx, "b", []string{"\uFFFD", `\ufffd`, `\\ufffd`}, nil))
	if value := must(kv.Get(ctx, "b")); string(value) != "[\"\uFFFD\",\"\\\\ufffd\",\"\\\\\\\\ufffd\"]" {
		t.Errorf("%s", value)
	}
	if _, err := kvasir.New(apiURL, "").Namespace("").Get(ctx, "a"); !errors.Is(err, kvasir.ErrNamespaceNotFound) {
		t.Error(err)
	}
	if _, err := kvasir.New(apiURL, "a\nb").Namespace(id).Get(ctx, "a"); !errors.Is(err, kvasir.ErrUnauthorized) {
		t.Error(err)
	}
}
