package ratelimit

import (
	"encoding/json"
	"errors"
	"math"
)

// meter is an algorithm whose state is one small JSON value for each key. It has no side effects.
type meter interface {
	// parse reads a state. Nil is the state of a key that was never checked.
	parse(text []byte) (any, error)
	// take returns the new state, for the case that the check was allowed.
	take(state any, cost, nowMs int64) (any, Result)
}

var errNotAState = errors.New("not a state")

// slidingParts is how many parts a sliding window has.
const slidingParts = 60

// slidingWindow allows at most the limit within the last window, at any time. Usage is counted in sixtieths
// of the window, and counts until its whole sixtieth has left the window.
type slidingWindow struct{ limit, windowMs int64 }

// part is the number of a sixtieth since the epoch, and what was used in it.
type part = [2]int64

func (s slidingWindow) parse(text []byte) (any, error) {
	var parts [][]int64
	if err := json.Unmarshal(text, &parts); err != nil || parts == nil {
		return nil, errNotAState
	}
	state := make([]part, len(parts))
	for at, each := range parts {
		if len(each) != 2 {
			return nil, errNotAState
		}
		state[at] = part(each)
	}
	return state, nil
}

func (s slidingWindow) take(state any, cost, nowMs int64) (any, Result) {
	before, _ := state.([]part)
	parts := []part{}
	used := int64(0)
	for _, each := range before {
		if s.freeMs(each) > float64(nowMs) {
			parts = append(parts, each)
			used += each[1]
		}
	}
	result := Result{Allowed: used+cost <= s.limit, Limit: s.limit, Remaining: max(0, s.limit-used)}
	if !result.Allowed {
		result.RetryAfterSeconds = max(1, secondsOf(s.freedMs(parts, used+cost-s.limit, nowMs)-float64(nowMs)))
	} else {
		result.Remaining = s.limit - used - cost
		if cost > 0 {
			parts = added(parts, int64(math.Floor(float64(nowMs)/s.partMs())), cost)
		}
	}
	if len(parts) > 0 {
		result.ResetSeconds = secondsOf(s.freeMs(parts[len(parts)-1]) - float64(nowMs))
	}
	return parts, result
}

func (s slidingWindow) partMs() float64 { return float64(s.windowMs) / slidingParts }

// freeMs is when a part stops counting: its last moment is then one window ago.
func (s slidingWindow) freeMs(each part) float64 {
	return float64(each[0]+1)*s.partMs() + float64(s.windowMs)
}

// freedMs is when enough of the oldest parts stop counting.
func (s slidingWindow) freedMs(parts []part, needed, nowMs int64) float64 {
	freed := int64(0)
	for _, each := range parts {
		if freed += each[1]; freed >= needed {
			return s.freeMs(each)
		}
	}
	return float64(nowMs + s.windowMs)
}

// added keeps the parts in order: a process whose clock is behind counts into the newest part of the others.
func added(parts []part, number, cost int64) []part {
	if last := len(parts) - 1; last >= 0 && parts[last][0] >= number {
		parts[last][1] += cost
		return parts
	}
	return append(parts, part{number, cost})
}

// tokenBucket refills evenly: an empty bucket is full after the window.
type tokenBucket struct{ limit, windowMs int64 }

type bucket struct {
	// Used counts used tokens instead of remaining ones, so that a missing bucket equals a full one.
	Used float64 `json:"used"`
	AtMs float64 `json:"atMs"`
}

// rounding is the largest rounding error of used tokens.
const rounding = 1e-6

func (t tokenBucket) parse(text []byte) (any, error) {
	var stored struct{ Used, AtMs *float64 }
	if err := json.Unmarshal(text, &stored); err != nil || stored.Used == nil || stored.AtMs == nil {
		return nil, errNotAState
	}
	return bucket{*stored.Used, *stored.AtMs}, nil
}

func (t tokenBucket) take(state any, cost, nowMs int64) (any, Result) {
	before, _ := state.(bucket)
	msPerToken := float64(t.windowMs) / float64(t.limit)
	// Another process's clock may be ahead. Nothing refills until this clock reaches that time.
	elapsedMs := max(0, float64(nowMs)-before.AtMs)
	used := max(0, before.Used-elapsedMs/msPerToken)
	over := used + float64(cost) - float64(t.limit)
	result := Result{Allowed: over <= rounding, Limit: t.limit}
	if result.Allowed {
		used += float64(cost)
	} else {
		result.RetryAfterSeconds = max(1, secondsOf(over*msPerToken))
	}
	result.Remaining = max(0, int64(math.Floor(float64(t.limit)-used+rounding)))
	result.ResetSeconds = secondsOf(used * msPerToken)
	return bucket{used, max(float64(nowMs), before.AtMs)}, result
}
