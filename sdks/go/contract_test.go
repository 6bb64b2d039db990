package kvasir_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

// option is where an option of the contract is here: a field of options, or a method or a field of another type.
type option struct {
	in   reflect.Type
	name string
}

var (
	namespace   = reflect.TypeOf(&kvasir.Namespace{})
	atomicType  = reflect.TypeOf(&kvasir.Atomic{})
	put         = reflect.TypeOf(kvasir.PutOptions{})
	listOptions = reflect.TypeOf(kvasir.ListOptions{})
	deletion    = reflect.TypeOf(kvasir.DeletePrefixOptions{})
	watching    = reflect.TypeOf(kvasir.WatchOptions{})
	entry       = reflect.TypeOf(kvasir.Entry{})
)

// methods are those of each operation of the contract.
var methods = map[string][]string{
	"get": {"Get", "GetJSON", "GetStream", "GetMany"}, "getWithMetadata": {"GetEntry", "GetManyWithMetadata"},
	"put": {"Put", "PutJSON", "PutStream"}, "delete": {"Delete"}, "list": {"List", "Each", "Keys"}, "count": {"Count"},
	"deletePrefix": {"DeletePrefix"}, "increment": {"Increment"}, "touch": {"Touch"}, "atomic": {"Atomic"},
	"position": {"Position"}, "watch": {"Watch"},
}

// options are those of each operation that are not a field of its options with the same name.
var options = map[string]map[string]option{
	"get":             {"type": {namespace, "GetJSON"}, "cacheTtl": {namespace, "WithCacheTTL"}},
	"getWithMetadata": {"type": {namespace, "GetEntry"}, "cacheTtl": {namespace, "WithCacheTTL"}, "version": {entry, "Version"}},
	"put":             {"expirationTtl": {put, "TTL"}},
	"delete":          {"ifVersion": {namespace, "DeleteIfVersion"}},
	"count":           {"prefix": {namespace, "Count"}},
	"increment":       {"expirationTtl": {namespace, "Increment"}},
	"touch":           {"expirationTtl": {namespace, "Touch"}, "expiration": {namespace, "TouchAt"}},
	// The context.
	"watch": {"signal": {namespace, "Watch"}},
}

var atomicOptions = map[string]map[string]option{
	"put":       {"expirationTtl": {put, "TTL"}},
	"increment": {"expirationTtl": {atomicType, "IncrementWithTTL"}},
}

var optionTypes = map[string]reflect.Type{"put": put, "list": listOptions, "deletePrefix": deletion, "watch": watching}

func (o option) exists() bool {
	if _, isMethod := o.in.MethodByName(o.name); isMethod {
		return true
	}
	if o.in.Kind() != reflect.Struct {
		return false
	}
	_, isField := o.in.FieldByName(o.name)
	return isField
}

func TestTheClientHasAllOfTheContract(t *testing.T) {
	var contract struct {
		Operations, Atomic map[string][]string
		Errors             map[string]int
		Limits             map[string]int
	}
	readVectors(t, "contract.json", &contract)
	for operation, names := range contract.Operations {
		if len(methods[operation]) == 0 {
			t.Error("there is no", operation)
		}
		for _, method := range methods[operation] {
			if !(option{namespace, method}).exists() {
				t.Error("there is no", method)
			}
		}
		checkOptions(t, operation, names, options[operation])
	}
	for change, names := range contract.Atomic {
		if !(option{atomicType, title(change)}).exists() {
			t.Error("Atomic has no", change)
		}
		checkOptions(t, change, names, atomicOptions[change])
	}
	// Codes about which a program does nothing that the others do not need.
	without := map[string]bool{}
	for _, code := range strings.Fields("request_timeout route_not_found method_not_allowed namespace_exists " +
		"unsupported internal atomics_required contended lock_timeout lock_lost clock_backwards") {
		without[code] = true
	}
	for code := range contract.Errors {
		if without[code] != !matchesOne(code) {
			t.Errorf("the code %q has no variable for errors.Is", code)
		}
	}
	longest := strings.Repeat("x", contract.Limits["KEY_BYTES_MAX"])
	kv, _ := newNamespace(t)
	must(kv.Put(ctx, longest, nil, nil))
	if _, err := kv.Get(ctx, longest+"x"); !errors.Is(err, kvasir.ErrInvalid) {
		t.Error(err)
	}
}

func checkOptions(t *testing.T, operation string, names []string, elsewhere map[string]option) {
	t.Helper()
	for _, name := range names {
		where, isElsewhere := elsewhere[name]
		if !isElsewhere {
			where = option{optionTypes[operation], title(name)}
		}
		if where.in == nil || !where.exists() {
			t.Errorf("%s has no option %s", operation, name)
		}
	}
}

func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

func matchesOne(code string) bool {
	for _, kind := range []error{
		kvasir.ErrNotFound, kvasir.ErrConditionFailed, kvasir.ErrNamespaceNotFound, kvasir.ErrUnauthorized,
		kvasir.ErrUnavailable, kvasir.ErrOutcomeUnknown, kvasir.ErrRateLimited, kvasir.ErrWatchBehind,
		kvasir.ErrStorage, kvasir.ErrInvalid,
	} {
		if errors.Is(&kvasir.Error{Code: code}, kind) {
			return true
		}
	}
	return false
}
