package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// counting is a way to count. The key is the complete one.
type counting interface {
	check(ctx context.Context, key string, cost int64) (Result, error)
	// peek returns the result of a check with cost 1, without using anything.
	peek(ctx context.Context, key string) (Result, error)
	reset(ctx context.Context, key string) error
}

const prefixHint = "Give the limiter a prefix that nothing else uses."

// checksPerWriteMax is how many checks of one key share one write.
const checksPerWriteMax = 1_000

// fixedWindow has consecutive windows, each with a counter of its own. A check is an increment: one request,
// and exact.
type fixedWindow struct {
	kv              *kvasir.Namespace
	limit, windowMs int64
	nowMs           func() int64
}

func (f *fixedWindow) check(ctx context.Context, key string, cost int64) (Result, error) {
	now := f.nowMs()
	counter := f.counter(key, now)
	ttl := recipe.StoreTTL(time.Duration(f.windowMs)*time.Millisecond + recipe.ClockDifference)
	sum, err := f.kv.Increment(ctx, counter, cost, ttl)
	if err != nil {
		return Result{}, err
	}
	used := sum - cost
	result := f.result(used, cost, now)
	// A rejected check with a high cost must not use up what is left for cheaper ones. Once the window is used
	// up, nothing needs to be given back.
	if !result.Allowed && used < f.limit {
		_, err = f.kv.Increment(ctx, counter, -cost, ttl)
	}
	return result, err
}

func (f *fixedWindow) peek(ctx context.Context, key string) (Result, error) {
	now := f.nowMs()
	counter := f.counter(key, now)
	text, err := f.kv.Get(ctx, counter)
	if errors.Is(err, kvasir.ErrNotFound) {
		text, err = []byte("0"), nil
	}
	if err != nil {
		return Result{}, err
	}
	used, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		message := fmt.Sprintf("%q holds something else than a count", counter)
		return Result{}, recipe.Fail(err, "value_not_integer", message, prefixHint)
	}
	result := f.result(used, 1, now)
	result.Remaining = max(0, f.limit-used)
	return result, nil
}

func (f *fixedWindow) reset(ctx context.Context, key string) error {
	return f.kv.Delete(ctx, f.counter(key, f.nowMs()))
}

func (f *fixedWindow) counter(key string, nowMs int64) string {
	return key + ":" + number(nowMs/f.windowMs)
}

// result takes how much of the window was used before.
func (f *fixedWindow) result(used, cost, nowMs int64) Result {
	result := Result{Allowed: used+cost <= f.limit, Limit: f.limit, Remaining: max(0, f.limit-used)}
	result.ResetSeconds = secondsOf(float64(f.windowMs - nowMs%f.windowMs))
	if result.Allowed {
		result.Remaining = f.limit - used - cost
	} else {
		result.RetryAfterSeconds = max(1, result.ResetSeconds)
	}
	return result
}

// meteredEntry keeps one entry for each key. It is read, decided on, and written if it has not changed
// meanwhile: two requests, or one if all checks were rejected. Checks of one key that arrive meanwhile share
// the next write.
type meteredEntry struct {
	kv    *kvasir.Namespace
	meter meter
	nowMs func() int64

	mutex   sync.Mutex
	batches map[string]*recipe.Batches[int64, Result]
}

func (m *meteredEntry) check(ctx context.Context, key string, cost int64) (Result, error) {
	m.mutex.Lock()
	batches := m.batches[key]
	if batches == nil {
		batches = &recipe.Batches[int64, Result]{SizeMax: checksPerWriteMax}
		batches.Run = func(ctx context.Context, costs []int64) ([]Result, error) { return m.together(ctx, key, costs) }
		m.batches[key] = batches
	}
	m.mutex.Unlock()
	defer func() {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		if batches.Idle() {
			delete(m.batches, key)
		}
	}()
	return batches.Add(ctx, cost)
}

func (m *meteredEntry) peek(ctx context.Context, key string) (Result, error) {
	text, err := m.kv.Get(ctx, key)
	if err != nil && !errors.Is(err, kvasir.ErrNotFound) {
		return Result{}, err
	}
	state, err := m.state(key, text)
	if err != nil {
		return Result{}, err
	}
	now := m.nowMs()
	_, result := m.meter.take(state, 1, now)
	if result.Allowed {
		_, result = m.meter.take(state, 0, now)
	}
	return result, nil
}

func (m *meteredEntry) reset(ctx context.Context, key string) error { return m.kv.Delete(ctx, key) }

func (m *meteredEntry) together(ctx context.Context, key string, costs []int64) (results []Result, err error) {
	err = recipe.UntilUncontended(ctx, strconv.Quote(key), func() (bool, error) {
		options := &kvasir.PutOptions{IfAbsent: true}
		var state any
		entry, err := m.kv.GetEntry(ctx, key)
		if err == nil {
			options = &kvasir.PutOptions{IfVersion: entry.Version}
			state, err = m.state(key, entry.Value)
		} else if errors.Is(err, kvasir.ErrNotFound) {
			err = nil
		}
		if err != nil {
			return false, err
		}
		now := m.nowMs()
		results = results[:0]
		resetSeconds := int64(-1)
		for _, cost := range costs {
			taken, result := m.meter.take(state, cost, now)
			if result.Allowed {
				state, resetSeconds = taken, result.ResetSeconds
			}
			results = append(results, result)
		}
		if resetSeconds < 0 {
			return true, nil
		}
		text, err := recipe.JSON(state, "the limiter's state")
		if err != nil {
			return false, err
		}
		options.TTL = recipe.StoreTTL(time.Duration(resetSeconds)*time.Second + recipe.ClockDifference)
		_, err = m.kv.Put(ctx, key, []byte(text), options)
		if errors.Is(err, kvasir.ErrConditionFailed) {
			return false, nil
		}
		return err == nil, err
	})
	return results, err
}

func (m *meteredEntry) state(key string, text []byte) (any, error) {
	if text == nil {
		return nil, nil
	}
	state, err := m.meter.parse(text)
	if err != nil {
		message := fmt.Sprintf("%q holds something else than a limiter's state", key)
		return nil, recipe.Fail(err, "value_invalid", message, prefixHint)
	}
	return state, nil
}
