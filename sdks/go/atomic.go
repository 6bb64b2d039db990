package kvasir

import (
	"context"
	"encoding/json"
	"time"
)

// Atomic collects checks and changes that Commit does all or none of.
type Atomic struct {
	namespace *Namespace
	checks    []map[string]any
	mutations []map[string]any
}

// Atomic begins several changes that all take place, or none.
func (n *Namespace) Atomic() *Atomic {
	return &Atomic{namespace: n, checks: []map[string]any{}, mutations: []map[string]any{}}
}

// Check requires that an entry has a version.
func (a *Atomic) Check(key string, version int64) *Atomic {
	a.checks = append(a.checks, map[string]any{"key": key, "version": version})
	return a
}

// CheckAbsent requires that there is no entry.
func (a *Atomic) CheckAbsent(key string) *Atomic {
	a.checks = append(a.checks, map[string]any{"key": key, "version": nil})
	return a
}

// Put writes a value. Conditions in the options are not for here: use Check.
func (a *Atomic) Put(key string, value []byte, options *PutOptions) *Atomic {
	if value == nil {
		value = []byte{} // null is no value
	}
	mutation := map[string]any{"type": "put", "key": key, "value": value, "base64": true}
	if options != nil {
		if options.TTL != 0 {
			mutation["expirationTtl"] = int64(options.TTL / time.Second)
		}
		if !options.Expiration.IsZero() {
			mutation["expiration"] = options.Expiration.Unix()
		}
		if options.Metadata != nil {
			mutation["metadata"] = options.Metadata
		}
	}
	a.mutations = append(a.mutations, mutation)
	return a
}

// Delete removes an entry.
func (a *Atomic) Delete(key string) *Atomic {
	a.mutations = append(a.mutations, map[string]any{"type": "delete", "key": key})
	return a
}

// Increment adds to a counter.
func (a *Atomic) Increment(key string, by int64) *Atomic {
	a.mutations = append(a.mutations, map[string]any{"type": "increment", "key": key, "by": by})
	return a
}

// Commit does it and returns the version of the changes, ErrConditionFailed when a check did not hold.
func (a *Atomic) Commit(ctx context.Context) (int64, error) {
	var answer struct{ Version json.Number }
	body := map[string]any{"checks": a.checks, "mutations": a.mutations}
	if err := a.namespace.post(ctx, "/bulk/atomic", body, &answer); err != nil {
		return 0, err
	}
	return answer.Version.Int64()
}
