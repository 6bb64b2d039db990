package kvasir

import (
	"context"
	"encoding/json"
	"time"
)

// Atomic collects checks and changes. Commit makes all of them or none.
type Atomic struct {
	namespace *Namespace
	checks    []map[string]any
	mutations []map[string]any
	committed bool
	// err is the first error in a check or change. Commit returns it.
	err error
}

// Atomic begins a group of changes of which all or none are made.
func (n *Namespace) Atomic() *Atomic {
	return &Atomic{namespace: n, checks: []map[string]any{}, mutations: []map[string]any{}}
}

// Check requires that an entry has this version. No entry has version zero.
func (a *Atomic) Check(key string, version int64) *Atomic {
	return a.check(key, version)
}

// CheckAbsent requires that the entry does not exist.
func (a *Atomic) CheckAbsent(key string) *Atomic {
	return a.check(key, nil)
}

func (a *Atomic) check(key string, version any) *Atomic {
	a.refuse(checkKey(key))
	a.checks = append(a.checks, map[string]any{"key": key, "version": version})
	return a
}

// Put writes a value. A condition in the options becomes a check: if it does not hold, nothing is changed.
func (a *Atomic) Put(key string, value []byte, options *PutOptions) *Atomic {
	if value == nil {
		value = []byte{} // null is not a value
	}
	mutation := map[string]any{"type": "put", "key": key, "value": value, "base64": true}
	if options != nil {
		if options.TTL != 0 {
			mutation["expirationTtl"] = wholeSeconds(options.TTL)
		}
		if !options.Expiration.IsZero() {
			mutation["expiration"] = epochSeconds(options.Expiration)
		}
		if options.Metadata != nil {
			metadata, err := jsonOf(options.Metadata)
			a.refuse(err)
			mutation["metadata"] = json.RawMessage(metadata)
		}
		if options.IfAbsent {
			a.CheckAbsent(key)
		}
		if options.IfVersion != 0 {
			a.Check(key, options.IfVersion)
		}
	}
	return a.change(key, mutation)
}

// Delete removes an entry.
func (a *Atomic) Delete(key string) *Atomic {
	return a.change(key, map[string]any{"type": "delete", "key": key})
}

// Increment adds to a counter.
func (a *Atomic) Increment(key string, by int64) *Atomic {
	return a.IncrementWithTTL(key, by, 0)
}

// IncrementWithTTL adds to a counter. The TTL applies if the counter is created and the TTL is not zero.
func (a *Atomic) IncrementWithTTL(key string, by int64, ttl time.Duration) *Atomic {
	mutation := map[string]any{"type": "increment", "key": key, "by": by}
	if ttl != 0 {
		mutation["expirationTtl"] = wholeSeconds(ttl)
	}
	return a.change(key, mutation)
}

func (a *Atomic) change(key string, mutation map[string]any) *Atomic {
	a.refuse(checkKey(key))
	a.mutations = append(a.mutations, mutation)
	return a
}

func (a *Atomic) refuse(err error) {
	if a.err == nil {
		a.err = err
	}
}

// Commit makes the changes and returns their version. It returns ErrConditionFailed if a check did not hold.
// A second commit is an error: it would repeat what was meant to happen once.
func (a *Atomic) Commit(ctx context.Context) (int64, error) {
	if a.err != nil {
		return 0, a.err
	}
	if a.committed {
		return 0, &Error{Code: "bad_request", Message: "this Atomic was committed before", Hint: "Begin another one."}
	}
	a.committed = true
	var answer struct{ Version json.Number }
	body := map[string]any{"checks": a.checks, "mutations": a.mutations}
	if err := a.namespace.post(ctx, "/bulk/atomic", body, &answer, false); err != nil {
		return 0, err
	}
	return answer.Version.Int64()
}
