package ratelimit

import "sync"

// refusedKeysMax is how many keys with a rejection a process remembers.
const refusedKeysMax = 10_000

type refusal struct {
	cost          int64
	result        Result
	atMs, untilMs int64
}

// refusals remembers rejected checks while the same check is certain to be rejected again. So a client that
// keeps sending requests causes no requests to the store.
type refusals struct {
	mutex sync.Mutex
	byKey map[string]refusal
}

func (r *refusals) note(key string, cost int64, result Result, nowMs int64) {
	// The seconds were rounded up, so the last second is not certain.
	untilMs := nowMs + (result.RetryAfterSeconds-1)*1000
	if untilMs <= nowMs {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.byKey) >= refusedKeysMax {
		for other := range r.byKey {
			delete(r.byKey, other)
			break
		}
	}
	r.byKey[key] = refusal{cost, result, nowMs, untilMs}
}

// result returns the result of a check with that cost, if it is certain.
func (r *refusals) result(key string, cost, nowMs int64) (Result, bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	known, found := r.byKey[key]
	if !found {
		return Result{}, false
	}
	// After the clock has stepped back it is unknown which rejections are over.
	if nowMs < known.atMs || nowMs >= known.untilMs {
		delete(r.byKey, key)
		return Result{}, false
	}
	if cost < known.cost {
		return Result{}, false
	}
	passed := (nowMs - known.atMs) / 1000
	result := known.result
	result.ResetSeconds -= passed
	result.RetryAfterSeconds -= passed
	result.Source = "memory"
	return result, true
}

func (r *refusals) forget(key string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(r.byKey, key)
}
