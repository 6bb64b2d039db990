package kvasir_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

const vectorsFolder = "../../testing/conformance/vectors/"

type object = map[string]any

// TestVectors performs the steps that the clients of all languages share.
func TestVectors(t *testing.T) {
	var vectors []struct {
		What, Namespace string
		Steps           []object
	}
	readVectors(t, "operations.json", &vectors)
	for _, vector := range vectors {
		t.Run(vector.What, func(t *testing.T) {
			kv, _ := newNamespace(t)
			if vector.Namespace != "" {
				kv = kvasir.New(apiURL, "").Namespace(vector.Namespace)
			}
			runSteps(t, kv, vector.Steps, object{})
		})
	}
}

func readVectors(t *testing.T, name string, target any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(must(os.ReadFile(vectorsFolder + name)))))
	decoder.UseNumber()
	if err := decoder.Decode(target); err != nil {
		t.Fatal(err)
	}
}

func runSteps(t *testing.T, kv *kvasir.Namespace, steps []object, outer object) {
	t.Helper()
	saved := object{}
	for name, value := range outer {
		saved[name] = value
	}
	for _, step := range steps {
		if step["do"] == "each" {
			for _, name := range step["of"].([]any) {
				saved["$each"] = name
				runSteps(t, kv, objects(step["steps"]), saved)
			}
			continue
		}
		where, _ := json.Marshal(step)
		args := object{}
		for name, value := range step {
			if name != "gives" && name != "fails" && name != "as" && name != "do" {
				args[name] = resolved(value, saved)
			}
		}
		result, err := operations[step["do"].(string)](kv, arguments(args))
		if err != nil {
			if !fails(step["fails"], err) {
				t.Fatalf("%.300s: %v", where, err)
			}
			continue
		}
		if step["fails"] != nil {
			t.Fatalf("%.300s succeeded: %v", where, result)
		}
		if wanted, isTold := step["gives"]; isTold && !holds(resolved(wanted, saved), plain(result)) {
			t.Fatalf("%.300s: %.300v", where, result)
		}
		if name, isTold := step["as"]; isTold {
			saved["$"+name.(string)] = savedOf(plain(result))
		}
	}
}

func fails(wanted any, err error) bool {
	var failed *kvasir.Error
	if !errors.As(err, &failed) {
		return false
	}
	for _, code := range append(list(wanted), wanted) {
		if code == failed.Code {
			return true
		}
	}
	return false
}

// resolved returns an argument with values for all that stands for one.
func resolved(argument any, saved object) any {
	switch argument := argument.(type) {
	case string:
		if value, isSaved := saved[argument]; isSaved {
			return value
		}
	case []any:
		items := []any{}
		for _, item := range argument {
			items = append(items, resolved(item, saved))
		}
		return items
	case object:
		if repeat := list(argument["repeat"]); len(repeat) == 2 {
			times, _ := repeat[1].(json.Number).Int64()
			return strings.Repeat(repeat[0].(string), int(times))
		}
		if text, isBytes := argument["base64"].(string); isBytes {
			return must(base64.StdEncoding.DecodeString(text))
		}
		values := object{}
		for name, value := range argument {
			values[resolved(name, saved).(string)] = resolved(value, saved)
		}
		return values
	}
	return argument
}

// holds says whether a result has all of what is wanted. Objects may have more.
func holds(wanted, found any) bool {
	switch wanted := wanted.(type) {
	case object:
		has, isObject := found.(object)
		for name, value := range wanted {
			if !isObject || !holds(value, has[name]) {
				return false
			}
		}
		return isObject
	case []any:
		items, isList := found.([]any)
		if !isList || len(items) != len(wanted) {
			return false
		}
		for at := range wanted {
			if !holds(wanted[at], items[at]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(wanted, found)
}

// plain converts a result to what JSON has.
func plain(result any) any {
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(must(json.Marshal(result)))))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		panic(err)
	}
	return value
}

func savedOf(result any) any {
	if fields, isObject := result.(object); isObject {
		if fields["version"] != nil {
			return fields["version"]
		}
		return fields["cursor"]
	}
	return result
}

func objects(value any) []object {
	found := []object{}
	for _, item := range list(value) {
		found = append(found, item.(object))
	}
	return found
}

func list(value any) []any {
	items, _ := value.([]any)
	return items
}

// arguments are those of one step.
type arguments object

func (a arguments) text(name string) string { text, _ := a[name].(string); return text }
func (a arguments) flag(name string) bool   { flag, _ := a[name].(bool); return flag }

func (a arguments) number(name string, otherwise int64) int64 {
	if number, isNumber := a[name].(json.Number); isNumber {
		return must(number.Int64())
	}
	return otherwise
}

func (a arguments) seconds(name string) time.Duration {
	return time.Duration(a.number(name, 0)) * time.Second
}

func (a arguments) value(name string) []byte {
	if data, isBytes := a[name].([]byte); isBytes {
		return data
	}
	return []byte(a.text(name))
}

func (a arguments) texts(name string) []string {
	texts := []string{}
	for _, text := range list(a[name]) {
		texts = append(texts, text.(string))
	}
	return texts
}

func (a arguments) put() *kvasir.PutOptions {
	options := &kvasir.PutOptions{TTL: a.seconds("expirationTtl"), Metadata: a["metadata"], IfAbsent: a.flag("ifAbsent")}
	if seconds := a.number("expiration", 0); seconds != 0 {
		options.Expiration = time.Unix(seconds, 0)
	}
	return options
}

func (a arguments) list() *kvasir.ListOptions {
	return &kvasir.ListOptions{
		Prefix: a.text("prefix"), Limit: int(a.number("limit", 0)), Cursor: a.text("cursor"),
		Start: a.text("start"), End: a.text("end"),
		Reverse: a.flag("reverse"), Values: a.flag("values"), Versions: a.flag("versions"),
	}
}

// cached is the namespace as the option cacheTtl asks.
func (a arguments) cached(kv *kvasir.Namespace) *kvasir.Namespace {
	return kv.WithCacheTTL(a.seconds("cacheTtl"))
}

// written is the result of a write: a condition that does not hold is no failure in the vectors.
func written(version int64, err error) (any, error) {
	if errors.Is(err, kvasir.ErrConditionFailed) || errors.Is(err, kvasir.ErrNotFound) {
		return object{"ok": false}, nil
	}
	return object{"ok": true, "version": version}, err
}

// orNil is the result of a read: a missing entry is null in the vectors.
func orNil(value any, err error) (any, error) {
	if errors.Is(err, kvasir.ErrNotFound) {
		return nil, nil
	}
	return value, err
}

var operations = map[string]func(*kvasir.Namespace, arguments) (any, error){
	"get": func(kv *kvasir.Namespace, a arguments) (any, error) {
		value, err := a.cached(kv).Get(ctx, a.text("key"))
		return orNil(string(value), err)
	},
	"getBytes": func(kv *kvasir.Namespace, a arguments) (any, error) {
		value, err := kv.Get(ctx, a.text("key"))
		return orNil(base64.StdEncoding.EncodeToString(value), err)
	},
	"getJson": func(kv *kvasir.Namespace, a arguments) (any, error) {
		var value any
		err := kv.GetJSON(ctx, a.text("key"), &value)
		return orNil(value, err)
	},
	"getStream": func(kv *kvasir.Namespace, a arguments) (any, error) {
		stream, err := kv.GetStream(ctx, a.text("key"))
		if err != nil {
			return orNil(nil, err)
		}
		defer stream.Close()
		data, err := io.ReadAll(stream)
		return string(data), err
	},
	"getWithMetadata": func(kv *kvasir.Namespace, a arguments) (any, error) {
		entry, err := a.cached(kv).GetEntry(ctx, a.text("key"))
		if errors.Is(err, kvasir.ErrNotFound) {
			return object{"value": nil}, nil
		}
		if err != nil {
			return nil, err
		}
		return object{"value": string(entry.Value), "metadata": entry.Metadata, "version": entry.Version}, nil
	},
	"getMany": func(kv *kvasir.Namespace, a arguments) (any, error) {
		values, err := a.cached(kv).GetMany(ctx, a.texts("keys"))
		texts := object{}
		for key, value := range values {
			texts[key] = string(value)
		}
		return texts, err
	},
	"getManyWithMetadata": func(kv *kvasir.Namespace, a arguments) (any, error) {
		values, err := kv.GetManyWithMetadata(ctx, a.texts("keys"))
		entries := object{}
		for key, found := range values {
			entries[key] = object{"value": string(found.Value), "metadata": found.Metadata}
		}
		return entries, err
	},
	"put": func(kv *kvasir.Namespace, a arguments) (any, error) {
		if a["ifVersion"] != nil {
			return written(kv.PutIfVersion(ctx, a.text("key"), a.value("value"), a.number("ifVersion", 0), a.put()))
		}
		return written(kv.Put(ctx, a.text("key"), a.value("value"), a.put()))
	},
	"putStream": func(kv *kvasir.Namespace, a arguments) (any, error) {
		return written(kv.PutStream(ctx, a.text("key"), strings.NewReader(a.text("value")), a.put()))
	},
	"putMany": func(kv *kvasir.Namespace, a arguments) (any, error) {
		values := map[string][]byte{}
		for key := range a["values"].(object) {
			values[key] = arguments(a["values"].(object)).value(key)
		}
		return nil, kv.PutMany(ctx, values, a.put())
	},
	"delete": func(kv *kvasir.Namespace, a arguments) (any, error) {
		if a["ifVersion"] != nil {
			return written(0, kv.DeleteIfVersion(ctx, a.text("key"), a.number("ifVersion", 0)))
		}
		return written(0, kv.Delete(ctx, a.text("key")))
	},
	"deleteMany": func(kv *kvasir.Namespace, a arguments) (any, error) {
		return nil, kv.DeleteMany(ctx, a.texts("keys"))
	},
	"increment": func(kv *kvasir.Namespace, a arguments) (any, error) {
		return kv.Increment(ctx, a.text("key"), a.number("by", 1), a.seconds("expirationTtl"))
	},
	"touch": func(kv *kvasir.Namespace, a arguments) (any, error) {
		if seconds := a.number("expiration", 0); seconds != 0 {
			return written(0, kv.TouchAt(ctx, a.text("key"), time.Unix(seconds, 0)))
		}
		return written(0, kv.Touch(ctx, a.text("key"), a.seconds("expirationTtl")))
	},
	"list": func(kv *kvasir.Namespace, a arguments) (any, error) {
		page, err := kv.List(ctx, a.list())
		if err != nil {
			return nil, err
		}
		names, keys := []string{}, []object{}
		for _, key := range page.Keys {
			names = append(names, key.Name)
			listed := object{"name": key.Name, "metadata": key.Metadata, "value": key.Value, "version": key.Version}
			if !key.Expiration.IsZero() {
				listed["expiration"] = key.Expiration.Unix()
			}
			keys = append(keys, listed)
		}
		return object{"names": names, "keys": keys, "complete": page.Cursor == "", "cursor": page.Cursor}, nil
	},
	"keys": func(kv *kvasir.Namespace, a arguments) (any, error) {
		names := []string{}
		var failed error
		kv.Keys(ctx, a.list())(func(key kvasir.ListedKey, err error) bool {
			names, failed = append(names, key.Name), err
			return true
		})
		return names, failed
	},
	"count": func(kv *kvasir.Namespace, a arguments) (any, error) { return kv.Count(ctx, a.text("prefix")) },
	"deletePrefix": func(kv *kvasir.Namespace, a arguments) (any, error) {
		options := &kvasir.DeletePrefixOptions{DryRun: a.flag("dryRun"), All: a.flag("all")}
		return kv.DeletePrefixWithOptions(ctx, a.text("prefix"), options)
	},
	"atomic": func(kv *kvasir.Namespace, a arguments) (any, error) {
		atomic := kv.Atomic()
		for _, check := range objects(a["checks"]) {
			if check["version"] == nil {
				atomic.CheckAbsent(arguments(check).text("key"))
			} else {
				atomic.Check(arguments(check).text("key"), arguments(check).number("version", 0))
			}
		}
		for _, change := range objects(a["changes"]) {
			c := arguments(change)
			switch change["do"] {
			case "put":
				options := c.put()
				options.IfVersion = c.number("ifVersion", 0)
				atomic.Put(c.text("key"), c.value("value"), options)
			case "delete":
				atomic.Delete(c.text("key"))
			case "increment":
				atomic.IncrementWithTTL(c.text("key"), c.number("by", 1), c.seconds("expirationTtl"))
			default:
				return nil, fmt.Errorf("no change %v", change["do"])
			}
		}
		return written(atomic.Commit(ctx))
	},
	"position": func(kv *kvasir.Namespace, _ arguments) (any, error) { return kv.Position(ctx) },
	"watch": func(kv *kvasir.Namespace, a arguments) (any, error) {
		changes := []object{}
		var failed error
		options := &kvasir.WatchOptions{Prefix: a.text("prefix"), Since: a.text("since")}
		kv.Watch(ctx, options)(func(change kvasir.Change, err error) bool {
			failed = err
			changes = append(changes, object{
				"type": change.Type, "key": change.Key, "version": change.Version, "more": change.More,
			})
			return int64(len(changes)) < a.number("take", 1)
		})
		return changes, failed
	},
}
