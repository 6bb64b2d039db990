package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/testserver"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/cache"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/flag"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/lock"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/ratelimit"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/session"
)

var (
	apiURL string
	ctx    = context.Background()
	noon   = time.UnixMilli(1_700_049_600_000)
)

func TestMain(m *testing.M) {
	var stop func()
	apiURL, stop = testserver.Start()
	code := m.Run()
	stop()
	os.Exit(code)
}

func namespace(t *testing.T) *kvasir.Namespace {
	t.Helper()
	return kvasir.New(apiURL, "").Namespace(testserver.NewNamespace(t, apiURL))
}

func away() *kvasir.Namespace { return kvasir.New("http://127.0.0.1:9", "").Namespace("x") }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// manual is a clock that moves only when it is told.
type manual struct{ ms atomic.Int64 }

func newManual() *manual {
	clock := &manual{}
	clock.ms.Store(noon.UnixMilli())
	return clock
}

func (m *manual) now() time.Time         { return time.UnixMilli(m.ms.Load()) }
func (m *manual) add(span time.Duration) { m.ms.Add(span.Milliseconds()) }
func codeOf(err error) string {
	var told *kvasir.Error
	errors.As(err, &told)
	if told == nil {
		return ""
	}
	return told.Code
}

// many runs work in goroutines and returns how often it said true.
func many(count int, work func() bool) int64 {
	var said atomic.Int64
	var wait sync.WaitGroup
	for range make([]struct{}, count) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if work() {
				said.Add(1)
			}
		}()
	}
	wait.Wait()
	return said.Load()
}

func TestALimiterIsExactAndRecovers(t *testing.T) {
	for _, algorithm := range []ratelimit.Algorithm{ratelimit.FixedWindow, ratelimit.SlidingWindow, ratelimit.TokenBucket} {
		clock := newManual()
		limiter := must(ratelimit.New(namespace(t), ratelimit.Options{
			Limit: 10, Window: time.Minute, Algorithm: algorithm, Clock: clock.now, OnStoreError: ratelimit.Return,
		}))
		allowed := many(40, func() bool { return must(limiter.Check(ctx, "ada")).Allowed })
		if allowed != 10 {
			t.Error(algorithm, allowed)
		}
		refused := must(limiter.Check(ctx, "ada"))
		if refused.Allowed || refused.Source != "memory" || limiter.Headers(refused, ratelimit.Separate)["Retry-After"] == "" {
			t.Errorf("%s: %+v", algorithm, refused)
		}
		if must(limiter.Peek(ctx, "ada")).Allowed || must(limiter.Check(ctx, "bob")).Remaining != 9 {
			t.Error(algorithm)
		}
		clock.add(122 * time.Second)
		if left := must(limiter.CheckCost(ctx, "ada", 10)).Remaining; left != 0 {
			t.Error(algorithm, left)
		}
		if err := limiter.Reset(ctx, "ada"); err != nil {
			t.Error(err)
		}
		headers := limiter.Headers(must(limiter.Check(ctx, "ada")), ratelimit.Structured)
		if headers["RateLimit-Policy"] != `"default";q=10;w=60` {
			t.Error(headers)
		}
	}
}

func TestALimiterWithoutItsStore(t *testing.T) {
	options := ratelimit.Options{Limit: 1, Window: time.Minute}
	if result := must(must(ratelimit.New(away(), options)).Check(ctx, "ada")); !result.Allowed || result.Source != "default" {
		t.Errorf("%+v", result)
	}
	options.OnStoreError = ratelimit.Reject
	if must(must(ratelimit.New(away(), options)).Check(ctx, "ada")).Allowed {
		t.Error("allowed")
	}
	options.OnStoreError = ratelimit.Return
	if _, err := must(ratelimit.New(away(), options)).Check(ctx, "ada"); !errors.Is(err, kvasir.ErrUnavailable) {
		t.Error(err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	kv := away()
	for at, err := range []error{
		second(ratelimit.New(kv, ratelimit.Options{Window: time.Minute})),
		second(ratelimit.New(kv, ratelimit.Options{Limit: 1, Window: time.Millisecond})),
		second(ratelimit.New(kv, ratelimit.Options{Limit: 1, Window: time.Minute, Algorithm: "leaky"})),
		second(ratelimit.New(kv, ratelimit.Options{Limit: 1, Window: time.Minute, Name: "ä"})),
		second(lock.New(kv, lock.Options{TTL: time.Millisecond})),
		second(lock.New(kv, lock.Options{TTL: 25 * time.Hour})),
		second(must(lock.New(kv, lock.Options{})).Acquire(ctx, "", nil)),
		second(session.New[int](kv, session.Options{Idle: time.Second})),
		second(cache.New(kv, cache.Options{TTL: -1})),
		second(cache.New(kv, cache.Options{Tags: []string{""}})),
		second(flag.New(kv, flag.Options{Defaults: map[string]flag.Definition{"x": {Rollout: flag.Percent(101)}}})),
	} {
		if codeOf(err) != "option_invalid" {
			t.Error(at, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestALockHasOneHolderAndItsTokensRise(t *testing.T) {
	kv := namespace(t)
	locks := must(lock.New(kv, lock.Options{}))
	var inside atomic.Int64
	var last int64
	many(12, func() bool {
		err := locks.Do(ctx, "report", &lock.AcquireOptions{Wait: time.Minute}, func(ctx context.Context, lease *lock.Lease) error {
			if inside.Add(1) != 1 || lease.FencingToken() <= last {
				t.Error("two holders, or a token that did not rise")
			}
			last = lease.FencingToken()
			_, _ = kv.Get(ctx, "x")
			inside.Add(-1)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		return true
	})
}

func TestAHolderThatSleptIsStoppedByItsToken(t *testing.T) {
	kv, clock := namespace(t), newManual()
	locks := must(lock.New(kv, lock.Options{Clock: clock.now}))
	sleeper := must(locks.Acquire(ctx, "report", nil))
	if _, err := locks.TryAcquire(ctx, "report", nil); !errors.Is(err, lock.ErrTimeout) || codeOf(err) != "lock_timeout" {
		t.Error(err)
	}
	clock.add(31 * time.Second)
	successor := must(locks.TryAcquire(ctx, "report", nil))
	if successor.FencingToken() <= sleeper.FencingToken() {
		t.Error("the token did not rise")
	}
	must(successor.Guard(kv.Atomic()).Put("data", []byte("successor"), nil).Commit(ctx))
	if _, err := sleeper.Guard(kv.Atomic()).Put("data", nil, nil).Commit(ctx); !errors.Is(err, kvasir.ErrConditionFailed) {
		t.Error(err)
	}
	if err := sleeper.Renew(ctx); !errors.Is(err, lock.ErrLost) || sleeper.Err() == nil {
		t.Error(err)
	}
	if held := must(sleeper.Release(ctx)); held {
		t.Error("the sleeper released another one's lock")
	}
	if err := successor.Renew(ctx); err != nil {
		t.Error(err)
	}
	for _, attempt := range []string{"first", "again"} {
		if !must(successor.Release(ctx)) {
			t.Error("not held: ", attempt)
		}
	}
}

func TestWorkThatLostItsLockFails(t *testing.T) {
	kv := namespace(t)
	locks := must(lock.New(kv, lock.Options{TTL: time.Second}))
	err := locks.Do(ctx, "report", nil, func(ctx context.Context, lease *lock.Lease) error {
		if err := kv.Delete(ctx, lease.Key()); err != nil {
			t.Error(err)
		}
		<-ctx.Done() // The next renewal finds out.
		return nil
	})
	if !errors.Is(err, lock.ErrLost) {
		t.Error(err)
	}
	failed := errors.New("failed")
	err = locks.Do(ctx, "report", nil, func(context.Context, *lock.Lease) error { return failed })
	if err != failed {
		t.Error(err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = locks.Do(ctx, "report", nil, func(context.Context, *lock.Lease) error { panic("oh") })
	}()
	must(locks.TryAcquire(ctx, "report", nil))
}

func TestASessionsLife(t *testing.T) {
	type cart struct{ Items []string }
	kv, now := namespace(t), newManual()
	now.ms.Store(time.Now().UnixMilli())
	sessions := must(session.New[cart](kv, session.Options{Idle: 10 * time.Minute, Clock: now.now}))
	made := must(sessions.Create(ctx, cart{}, "ada"))
	many(10, func() bool {
		must(sessions.Update(ctx, made.ID, func(data cart) cart { data.Items = append(data.Items, "book"); return data }))
		return true
	})
	if read := must(sessions.Get(ctx, made.ID)); len(read.Data.Items) != 10 || read.Renewed {
		t.Errorf("%+v", read)
	}
	now.add(61 * time.Second)
	if !must(sessions.Get(ctx, made.ID)).Renewed {
		t.Error("not prolonged")
	}
	login := must(sessions.Rotate(ctx, made.ID, "bob", nil))
	if _, err := sessions.Get(ctx, made.ID); !errors.Is(err, session.ErrNotFound) {
		t.Error(err)
	}
	other := must(sessions.Create(ctx, cart{}, "bob"))
	if listed := must(sessions.List(ctx, "bob")); len(listed) != 2 || len(must(sessions.List(ctx, "ada"))) != 0 {
		t.Errorf("%+v", listed)
	}
	if err := sessions.RevokeAll(ctx, "bob", login.ID); err != nil {
		t.Error(err)
	}
	if _, err := sessions.Update(ctx, other.ID, func(data cart) cart { return data }); !errors.Is(err, session.ErrNotFound) {
		t.Error(err)
	}
	if must(sessions.RevokeListed(ctx, "ada", login.Handle)) || !must(sessions.RevokeListed(ctx, "bob", login.Handle)) {
		t.Error("revoked for another user, or not at all")
	}
	if err := sessions.Revoke(ctx, login.ID); err != nil || must(kv.Count(ctx, "")) != 0 {
		t.Error(err)
	}
	if _, err := sessions.Get(ctx, "'; DROP TABLE"); !errors.Is(err, session.ErrNotFound) {
		t.Error(err)
	}
}

func TestACacheComputesOnce(t *testing.T) {
	kv := namespace(t)
	caches := []*cache.Cache{must(cache.New(kv, cache.Options{})), must(cache.New(kv, cache.Options{}))}
	var calls, turn atomic.Int64
	compute := func(ctx context.Context) (string, error) {
		calls.Add(1)
		_, _ = kv.Count(ctx, "")
		return "value", nil
	}
	same := many(30, func() bool { return must(cache.GetOrSet(ctx, caches[turn.Add(1)%2], "key", compute, "tag")) == "value" })
	if same != 30 || calls.Load() != 1 {
		t.Error(same, calls.Load())
	}
	if err := caches[0].InvalidateTag(ctx, "tag"); err != nil {
		t.Error(err)
	}
	if _, status, err := cache.GetOrSetWithStatus(ctx, caches[1], "key", compute, "tag"); status != cache.Miss || err != nil {
		t.Error(status, err)
	}
	if err := caches[1].Delete(ctx, "key"); err != nil {
		t.Error(err)
	}
	if _, status, _ := cache.GetOrSetWithStatus(ctx, caches[0], "key", compute); status != cache.Miss {
		t.Error(status)
	}
}

func TestACacheAndTimeAndFailures(t *testing.T) {
	kv, clock := namespace(t), newManual()
	c := must(cache.New(kv, cache.Options{
		TTL: 10 * time.Second, Stale: time.Minute, FailureTTL: 5 * time.Second, NegativeTTL: time.Second, Clock: clock.now,
	}))
	number := func(value int) func(context.Context) (int, error) {
		return func(context.Context) (int, error) { return value, nil }
	}
	must(cache.GetOrSet(ctx, c, "key", number(1)))
	clock.add(11 * time.Second)
	replaced := make(chan struct{})
	value, status, err := cache.GetOrSetWithStatus(ctx, c, "key", func(context.Context) (int, error) {
		defer close(replaced)
		return 2, nil
	})
	if value != 1 || status != cache.Stale || err != nil {
		t.Error(value, status, err)
	}
	<-replaced
	for value == 1 { // Until it is stored.
		value, status, _ = cache.GetOrSetWithStatus(ctx, c, "key", number(2))
	}
	if status != cache.Hit {
		t.Error(status)
	}
	failure := errors.New("no luck")
	fails := func(context.Context) (int, error) { return 0, failure }
	if _, err := cache.GetOrSet(ctx, c, "bad", fails); err != failure {
		t.Error(err)
	}
	if _, err := cache.GetOrSet(ctx, c, "bad", number(1)); !errors.Is(err, cache.ErrFailed) {
		t.Error(err)
	}
	clock.add(6 * time.Second)
	if value := must(cache.GetOrSet(ctx, c, "bad", number(3))); value != 3 {
		t.Error(value)
	}
	if _, err := cache.GetOrSet(ctx, c, "bad", func(context.Context) (string, error) { return "", nil }); codeOf(err) != "value_not_json" {
		t.Error(err)
	}
	// A delete during a computation counts.
	must(cache.GetOrSet(ctx, c, "deleted", func(ctx context.Context) (int, error) { return 1, c.Delete(ctx, "deleted") }))
	if value := must(cache.GetOrSet(ctx, c, "deleted", number(2))); value != 2 {
		t.Error("a deleted value came back")
	}
	if value := must(cache.GetOrSet(ctx, must(cache.New(away(), cache.Options{})), "key", number(4))); value != 4 {
		t.Error(value)
	}
}

func TestFlags(t *testing.T) {
	kv, clock := namespace(t), newManual()
	flags := must(flag.New(kv, flag.Options{
		Defaults: map[string]flag.Definition{"old": {}}, CacheTTL: time.Minute, Clock: clock.now,
	}))
	ada := flag.User{ID: "ada"}
	if !must(flags.Enabled(ctx, "old", ada)) || must(flags.Enabled(ctx, "new", ada)) {
		t.Error("defaults")
	}
	if err := flags.Set(ctx, "new", flag.Definition{Rollout: flag.Percent(0), Allow: []string{"ada"}}); err != nil {
		t.Error(err)
	}
	if !must(flags.Enabled(ctx, "new", ada)) || must(flags.Enabled(ctx, "new", flag.User{ID: "bob"})) {
		t.Error("allow")
	}
	read := must(flags.Get(ctx, "new"))
	must(flags.Update(ctx, "new", flag.Definition{Variants: map[string]float64{"x": 1}}, read.Version))
	if _, err := flags.Update(ctx, "new", flag.Definition{}, read.Version); !errors.Is(err, kvasir.ErrConditionFailed) {
		t.Error(err)
	}
	if must(flags.Variant(ctx, "new", ada)) != "x" {
		t.Error("variant")
	}
	other := must(flag.New(kv, flag.Options{}))
	if err := other.Set(ctx, "new", flag.Definition{Enabled: flag.Bool(false)}); err != nil {
		t.Error(err)
	}
	if made := must(flags.Evaluate(ctx, "new", ada)); !made.Enabled || made.Source != "memory" {
		t.Errorf("%+v", made)
	}
	clock.add(61 * time.Second)
	set := must(flags.Load(ctx, "new", "old"))
	if set.Evaluate("new", ada).Reason != flag.Disabled || !set.Evaluate("old", ada).Enabled {
		t.Error("load")
	}
	if listed := must(flags.List(ctx)); len(listed) != 1 || listed[0].Name != "new" {
		t.Error(listed)
	}
	if err := flags.Delete(ctx, "new"); err != nil || must(flags.Evaluate(ctx, "new", ada)).Reason != flag.Missing {
		t.Error(err)
	}
	must(kv.Put(ctx, "flag:bad", []byte("{"), nil))
	if _, err := flags.Enabled(ctx, "bad", ada); codeOf(err) != "value_invalid" {
		t.Error(err)
	}
	if !must(must(flag.New(away(), flag.Options{Defaults: map[string]flag.Definition{"old": {}}})).Enabled(ctx, "old", ada)) {
		t.Error("without the store")
	}
}

func Example() {
	kv := kvasir.New("http://127.0.0.1:8788", "").Namespace("data")
	limiter, err := ratelimit.New(kv, ratelimit.Options{Limit: 100, Window: time.Minute})
	if err != nil {
		panic(err)
	}
	result, err := limiter.Check(context.Background(), "ada")
	fmt.Println(result.Allowed, err)
}

func TestALoginChoosesHowLongItsSessionStays(t *testing.T) {
	now := time.UnixMilli(1_700_049_600_000)
	options := session.Options{Idle: 10 * time.Minute, Lifetime: 20 * time.Minute, Clock: func() time.Time { return now }}
	sessions := must(session.New[map[string]any](namespace(t), options))
	guest := must(sessions.Create(ctx, nil, ""))
	if guest.Idle != 10*time.Minute || guest.Persistent != nil {
		t.Error(guest)
	}
	persistent := true
	login := session.LoginOptions{Idle: 24 * time.Hour, Persistent: &persistent}
	stays := must(sessions.RotateWith(ctx, guest.ID, "ada", nil, login))
	if !stays.Ends.Equal(now.Add(24*time.Hour)) || !stays.Expires.Equal(stays.Ends) {
		t.Error(stays)
	}
	// It also stays so when its data or its id changes.
	changed := must(sessions.Update(ctx, stays.ID, func(map[string]any) map[string]any { return nil }))
	now = now.Add(time.Hour)
	moved := must(sessions.Rotate(ctx, changed.ID, "", nil))
	for _, found := range []*session.Session[map[string]any]{changed, moved, must(sessions.Get(ctx, moved.ID))} {
		if found.Idle != 24*time.Hour || found.Persistent == nil || !*found.Persistent || !found.Ends.Equal(stays.Ends) {
			t.Error(found)
		}
	}
	if again := must(sessions.Rotate(ctx, moved.ID, "ada", nil)); again.Idle != 10*time.Minute || again.Persistent != nil {
		t.Error(again)
	}
	if _, err := sessions.CreateWith(ctx, nil, "", session.LoginOptions{Idle: time.Second}); !errors.Is(err, kvasir.ErrInvalid) {
		t.Error(err)
	}
}

func TestFlagsHaveValuesSegmentsAndRequirements(t *testing.T) {
	kv := namespace(t)
	flags := must(flag.New(kv, flag.Options{
		Segments: map[string][]map[string]any{"staff": {{"email": map[string]any{"endsWith": "@example.com"}}}},
		Defaults: map[string]flag.Definition{
			"base": {Rules: []flag.Rule{{Segment: "staff"}}, Rollout: flag.Percent(0)},
		},
	}))
	theme := flag.Definition{Value: map[string]any{"color": "red"}, Requires: map[string]any{"base": true}}
	if err := flags.Set(ctx, "theme", theme); err != nil {
		t.Fatal(err)
	}
	ada := flag.User{ID: "ada", Attributes: map[string]any{"email": "ada@example.com"}}
	bob := flag.User{ID: "bob", Attributes: map[string]any{"email": "bob@elsewhere.example"}}
	type look struct{ Color string }
	// One read finds what the flag requires.
	decision := must(flags.Evaluate(ctx, "theme", ada))
	if flag.Value(decision, look{"none"}).Color != "red" || flag.Value(decision, "light") != "light" {
		t.Error(decision)
	}
	decision = must(flags.Evaluate(ctx, "theme", bob))
	if decision.Reason != flag.Prerequisite || flag.Value(decision, look{"none"}).Color != "none" {
		t.Error(decision)
	}
	if err := flags.Set(ctx, "base", flag.Definition{Requires: map[string]any{"theme": true}}); err != nil {
		t.Fatal(err)
	}
	if circle := must(flags.Evaluate(ctx, "theme", ada)); circle.Reason != flag.Prerequisite {
		t.Error(circle)
	}
	unknown := flag.Definition{Rules: []flag.Rule{{Segment: []string{"staff", "customers"}}}}
	if err := flags.Set(ctx, "new", unknown); !errors.Is(err, kvasir.ErrInvalid) || !strings.Contains(err.Error(), "customers") {
		t.Error(err)
	}
	empty := map[string][]map[string]any{"staff": {{}}}
	if _, err := flag.New(kv, flag.Options{Segments: empty}); !errors.Is(err, kvasir.ErrInvalid) {
		t.Error(err)
	}
}
