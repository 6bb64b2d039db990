// Package ratelimit limits how often something happens for each key: a client's address, a user, a token.
//
// It is exact: of any number of concurrent checks, in any number of processes and languages, never more than
// the limit are allowed. Windows follow the caller's clock.
package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// Algorithm is a way to count.
type Algorithm string

const (
	// FixedWindow allows the limit in each window of the clock, such as each minute. One request for each check.
	FixedWindow Algorithm = "fixed-window"
	// SlidingWindow allows the limit in any span of a window's length. Two requests, one if it is rejected.
	SlidingWindow Algorithm = "sliding-window"
	// TokenBucket allows the limit at once, and then refills evenly. Requests as for SlidingWindow.
	TokenBucket Algorithm = "token-bucket"
)

// OnStoreError is the result of a check while the store is unavailable.
type OnStoreError int

const (
	// Allow allows the check.
	Allow OnStoreError = iota
	// Reject rejects the check.
	Reject
	// Return returns the error.
	Return
)

// ErrContended matches an error for too many concurrent changes, if OnStoreError is Return.
var ErrContended = recipe.ErrContended

const (
	// limitMax is the largest limit: the largest integer of a structured field.
	limitMax = 999_999_999_999_999
	// nameLengthMax is the longest name of a limit, in characters.
	nameLengthMax = 64
	// storeRetrySeconds is Retry-After while the store is unavailable.
	storeRetrySeconds = 1
)

// Options of a limiter.
type Options struct {
	// Limit is how much may be used in a window.
	Limit int64
	// Window is its length in whole seconds.
	Window time.Duration
	// Algorithm is SlidingWindow if it is empty.
	Algorithm Algorithm
	// Name is the name in headers, "default" if it is empty. Limits with different names are counted separately.
	Name string
	// OnStoreError is Allow by default.
	OnStoreError OnStoreError
	// Prefix is the start of all keys, "rate-limit:" if it is empty.
	Prefix string
	// Clock is time.Now if it is nil.
	Clock func() time.Time
}

// Limiter counts checks. Goroutines may share it.
type Limiter struct {
	limit, windowMs int64
	name, prefix    string
	kind            string
	fixed           bool
	onStoreError    OnStoreError
	nowMs           func() int64
	counting        counting
	refusals        refusals
	// costsMore is set by a check with a cost above 1. It may free what caused another check to be rejected.
	costsMore atomic.Bool
	// resets counts them. The result of a check that was in flight during a reset is not remembered.
	resets atomic.Int64
}

// New returns a limiter. It sends no request. The error is a *kvasir.Error with the code "option_invalid".
func New(kv *kvasir.Namespace, options Options) (*Limiter, error) {
	seconds := int64(options.Window / time.Second)
	if options.Limit < 1 || options.Limit > limitMax {
		return nil, recipe.InvalidOption("Limit", options.Limit, fmt.Sprintf("a number from 1 to %d", int64(limitMax)))
	}
	if options.Window < time.Second || options.Window > recipe.SpanMax || options.Window%time.Second != 0 {
		return nil, recipe.InvalidOption("Window", options.Window.String(), "whole seconds, at least one")
	}
	l := &Limiter{
		limit:        options.Limit,
		windowMs:     seconds * 1000,
		name:         orDefault(options.Name, "default"),
		prefix:       orDefault(options.Prefix, "rate-limit:"),
		onStoreError: options.OnStoreError,
		nowMs:        recipe.RecoveringClock(options.Clock),
		refusals:     refusals{byKey: map[string]refusal{}},
	}
	if !isPolicyName(l.name) {
		return nil, recipe.InvalidOption("Name", l.name, fmt.Sprintf("1 to %d characters of printable ASCII", nameLengthMax))
	}
	algorithm := Algorithm(orDefault(string(options.Algorithm), string(SlidingWindow)))
	switch algorithm {
	case FixedWindow:
		l.fixed = true
		l.counting = &fixedWindow{kv, l.limit, l.windowMs, l.nowMs}
	case SlidingWindow:
		l.counting = metered(kv, slidingWindow{l.limit, l.windowMs}, l.nowMs)
	case TokenBucket:
		l.counting = metered(kv, tokenBucket{l.limit, l.windowMs}, l.nowMs)
	default:
		return nil, recipe.InvalidOption("Algorithm", algorithm, "FixedWindow, SlidingWindow or TokenBucket")
	}
	l.kind = fmt.Sprintf("%s-%d", algorithm, seconds)
	// A prefix that is too long fails here instead of at a request.
	_, err := l.key("")
	return l, err
}

// Check uses 1 of the limit of a key, if that much is left.
func (l *Limiter) Check(ctx context.Context, key string) (Result, error) {
	return l.CheckCost(ctx, key, 1)
}

// CheckCost uses cost of the limit of a key, if that much is left. A rejected check uses nothing. A key may
// be any text, because clients choose it. While a rejected check is certain to be rejected again, repeating
// it costs no request.
func (l *Limiter) CheckCost(ctx context.Context, key string, cost int64) (Result, error) {
	if cost < 1 || cost > l.limit {
		return Result{}, recipe.InvalidOption("cost", cost, fmt.Sprintf("a number from 1 to %d", l.limit))
	}
	counter, err := l.key(key)
	if err != nil {
		return Result{}, err
	}
	// The time before the check: the duration of a rejection starts when it was decided, not when it arrived.
	now := l.nowMs()
	if known, found := l.refusals.result(counter, cost, now); found {
		return known, nil
	}
	if cost > 1 {
		l.costsMore.Store(true)
	}
	resets := l.resets.Load()
	result, err := l.counting.check(ctx, counter, cost)
	if err != nil {
		return l.withoutStore(ctx, cost, err)
	}
	result.Source = "store"
	// With fixed windows a more expensive check may give back what caused this rejection.
	mayBeGivenBack := l.fixed && l.costsMore.Load()
	if !result.Allowed && !mayBeGivenBack && resets == l.resets.Load() {
		l.refusals.note(counter, cost, result, now)
	}
	return result, nil
}

// Peek returns the result of a check with cost 1, without using anything.
func (l *Limiter) Peek(ctx context.Context, key string) (Result, error) {
	counter, err := l.key(key)
	if err != nil {
		return Result{}, err
	}
	result, err := l.counting.peek(ctx, counter)
	result.Source = "store"
	return result, err
}

// Reset restores the whole limit of a key.
func (l *Limiter) Reset(ctx context.Context, key string) error {
	counter, err := l.key(key)
	if err != nil {
		return err
	}
	defer func() {
		l.resets.Add(1)
		l.refusals.forget(counter)
	}()
	return l.counting.reset(ctx, counter)
}

func (l *Limiter) key(key string) (string, error) {
	parts := append([]string{l.name}, recipe.ClientKeyParts(key)...)
	return recipe.Key(l.prefix, append(parts, l.kind)...)
}

// withoutStore is the result of a check while the state of the key is unknown.
func (l *Limiter) withoutStore(ctx context.Context, cost int64, err error) (Result, error) {
	isStore := recipe.IsTrouble(err) || errors.Is(err, ErrContended)
	if !isStore || ctx.Err() != nil || l.onStoreError == Return {
		return Result{}, err
	}
	result := Result{Allowed: l.onStoreError == Allow, Limit: l.limit, ResetSeconds: l.windowMs / 1000, Source: "default"}
	if result.Allowed {
		result.Remaining = l.limit - cost
	} else {
		result.RetryAfterSeconds = storeRetrySeconds
	}
	return result, nil
}

func metered(kv *kvasir.Namespace, meter meter, nowMs func() int64) counting {
	return &meteredEntry{kv: kv, meter: meter, nowMs: nowMs, batches: map[string]*recipe.Batches[int64, Result]{}}
}

// isPolicyName: the name becomes a string of a structured field, which must be printable ASCII.
func isPolicyName(name string) bool {
	for _, character := range name {
		if character < ' ' || character > '~' {
			return false
		}
	}
	return len(name) <= nameLengthMax
}

func orDefault(text, byDefault string) string {
	if text == "" {
		return byDefault
	}
	return text
}
