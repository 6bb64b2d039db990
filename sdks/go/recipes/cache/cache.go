// Package cache has a cache in front of slow work. Concurrent calls for one key compute it once, in all
// processes and languages together. A deleted value does not come back from a computation that began before.
package cache

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// ErrFailed matches an error for a computation whose failure is cached (Options.FailureTTL).
var ErrFailed = errors.New("kvasir: the computation has failed before")

// errTooLong ends a computation that outlives its lease.
var errTooLong = errors.New("kvasir: the computation took longer than the lease")

const (
	ttlDefault   = time.Minute
	leaseDefault = 30 * time.Second
	ttlMax       = 365 * 24 * time.Hour
	leaseMax     = time.Hour
	// tagsMax is how many tags an entry may have. They are read together with it in one request.
	tagsMax = 90
	// invalidationTTL is how long an invalidation is remembered: longer than any entry with the tag can live.
	invalidationTTL = 30*24*time.Hour + recipe.ClockDifference
)

// Status is the origin of a value.
type Status string

const (
	// Hit: it was found fresh.
	Hit Status = "hit"
	// Stale: it was found stale, and is replaced in the background.
	Stale Status = "stale"
	// Miss: it was computed now.
	Miss Status = "miss"
)

// Options of a cache.
type Options struct {
	// TTL is how long an entry is fresh, at most a year. Zero means a minute.
	TTL time.Duration
	// Stale is how much longer it is served while a new one is computed in the background.
	Stale time.Duration
	// NegativeTTL is how long null is cached. Zero: not at all.
	NegativeTTL time.Duration
	// FailureTTL is how long a failed computation is cached. Meanwhile callers get ErrFailed. Zero: not at all.
	FailureTTL time.Duration
	// Tags are labels of all entries, for InvalidateTag. An entry with tags is cached for at most 30 days.
	Tags []string
	// Lease is how long a caller that computes keeps others from computing the same. Choose it longer than any
	// computation takes: the context of the computation ends with it. Zero means 30 s.
	Lease time.Duration
	// FailOnStoreError returns the error while the store is unavailable. Otherwise every caller computes.
	FailOnStoreError bool
	// OnError receives errors that no caller gets: a failed refresh, a value that could not be stored.
	OnError func(err error, key string)
	// Prefix is the start of all keys, "cache:" if it is empty.
	Prefix string
	// Clock is time.Now if it is nil.
	Clock func() time.Time
}

// Cache caches values. Create one and keep it: it knows the computations of this process. Goroutines may
// share it.
type Cache struct {
	kv      *kvasir.Namespace
	options Options
	nowMs   func() int64

	mutex   sync.Mutex
	flights map[string]*flight
	moments int64
}

// New returns a cache in a namespace. It sends no request.
func New(kv *kvasir.Namespace, options Options) (*Cache, error) {
	spans := []struct {
		name           string
		value          *time.Duration
		byDefault, low time.Duration
		high           time.Duration
	}{
		{"TTL", &options.TTL, ttlDefault, time.Millisecond, ttlMax},
		{"Stale", &options.Stale, 0, 0, ttlMax},
		{"NegativeTTL", &options.NegativeTTL, 0, 0, ttlMax},
		{"FailureTTL", &options.FailureTTL, 0, 0, ttlMax},
		{"Lease", &options.Lease, leaseDefault, time.Second, leaseMax},
	}
	for _, span := range spans {
		checked, err := recipe.Span(span.name, *span.value, span.byDefault, span.low, span.high)
		if err != nil {
			return nil, err
		}
		*span.value = checked
	}
	if options.Prefix == "" {
		options.Prefix = "cache:"
	}
	if _, err := keysOf(options.Prefix, "key", options.Tags); err != nil {
		return nil, err
	}
	nowMs := recipe.RecoveringClock(options.Clock)
	return &Cache{kv: kv, options: options, nowMs: nowMs, flights: map[string]*flight{}}, nil
}

// GetOrSet returns the cached value, or computes and caches it. Values pass through JSON in both cases. Tags
// of the call are added to those of the cache. If compute fails, its caller gets the error, and one of the
// waiting callers tries again. One request for a hit, three or four for a miss.
//
// It is a function because Go's methods have no type parameters.
func GetOrSet[Value any](ctx context.Context, c *Cache, key string, compute func(ctx context.Context) (Value, error), tags ...string) (Value, error) {
	value, _, err := GetOrSetWithStatus(ctx, c, key, compute, tags...)
	return value, err
}

// GetOrSetWithStatus is GetOrSet with the origin of the value.
func GetOrSetWithStatus[Value any](ctx context.Context, c *Cache, key string, compute func(ctx context.Context) (Value, error), tags ...string) (Value, Status, error) {
	var value Value
	begun := false
	computing := func(ctx context.Context) (content, error) {
		begun = true
		computed, err := compute(ctx)
		if err != nil {
			return content{}, err
		}
		payload, err := recipe.JSON(computed, fmt.Sprintf("the value of %q", key))
		if payload == "null" {
			return content{payload: payload, freshMs: c.options.NegativeTTL.Milliseconds()}, err
		}
		return content{payload: payload, freshMs: c.options.TTL.Milliseconds(), staleMs: c.options.Stale.Milliseconds()}, err
	}
	k, err := keysOf(c.options.Prefix, key, append(append([]string{}, c.options.Tags...), tags...))
	if err != nil {
		return value, Miss, err
	}
	status, found, err := c.obtain(ctx, k, computing)
	if err != nil && !begun && !c.options.FailOnStoreError && ctx.Err() == nil && recipe.IsTrouble(err) {
		var made content
		made, err = computing(ctx)
		found = landed{payload: made.payload}
	}
	if err != nil {
		return value, status, err
	}
	if found.entry != nil && found.entry.failed {
		return value, status, recipe.Fail(ErrFailed, "unavailable",
			fmt.Sprintf("the computation of %q has failed: %s", key, found.entry.payload), "It is tried again later.")
	}
	if err := json.Unmarshal([]byte(found.payload), &value); err != nil {
		return value, status, recipe.Fail(err, "value_not_json",
			fmt.Sprintf("the cached value of %q is not of this type: %v", key, err), "Delete it, or use another key for another type.")
	}
	return value, status, nil
}

// Delete deletes an entry, so that later calls compute it again.
func (c *Cache) Delete(ctx context.Context, key string) error {
	k, err := keysOf(c.options.Prefix, key, nil)
	if err != nil {
		return err
	}
	defer func() {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		delete(c.flights, k.entry)
	}()
	// Together with its lease, so that a value being computed is not stored.
	_, err = c.kv.Atomic().Delete(k.entry).Delete(k.lease).Commit(ctx)
	return err
}

// InvalidateTag invalidates all entries with one of the tags, regardless of their number. One request.
func (c *Cache) InvalidateTag(ctx context.Context, tags ...string) error {
	if len(tags) == 0 {
		return nil
	}
	changes := c.kv.Atomic()
	// The time serves TypeScript's computations that add a tag.
	version := []byte(fmt.Sprintf("%s@%d", newVersion(), c.nowMs()))
	for _, tag := range tags {
		key, err := tagKey(c.options.Prefix, tag)
		if err != nil {
			return err
		}
		changes.Put(key, version, &kvasir.PutOptions{TTL: recipe.StoreTTL(invalidationTTL)})
	}
	_, err := changes.Commit(ctx)
	return err
}

func (c *Cache) tell(err error, k keys) {
	if c.options.OnError != nil {
		c.options.OnError(err, k.entry)
	}
}

// newVersion returns random text. It needs no counter, and can be written again if a response was lost.
func newVersion() string {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		panic(err) // The system has no random numbers.
	}
	return fmt.Sprintf("%x", id)
}
