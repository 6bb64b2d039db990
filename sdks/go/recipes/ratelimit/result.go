package ratelimit

import (
	"math"
	"strconv"
	"strings"
)

// Result is the result of a check.
type Result struct {
	Allowed bool
	// Limit is the most that can be used.
	Limit int64
	// Remaining is how much can still be used now.
	Remaining int64
	// ResetSeconds is the time until the whole limit is available again if nothing more is used.
	ResetSeconds int64
	// RetryAfterSeconds is the time after which the same check may be allowed. Zero if it was allowed.
	RetryAfterSeconds int64
	// Source is "store", "memory" for a rejection that this process remembers, or "default" while the store is
	// unavailable.
	Source string
}

// HeaderStyle says which headers tell a client its limit. A rejection always has Retry-After.
type HeaderStyle int

const (
	// Structured means RateLimit and RateLimit-Policy of draft-ietf-httpapi-ratelimit-headers.
	Structured HeaderStyle = iota
	// Separate means RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset of its version 6.
	Separate
)

// Headers returns the headers that tell a client the result of a check.
func (l *Limiter) Headers(result Result, style HeaderStyle) map[string]string {
	headers := map[string]string{}
	if !result.Allowed {
		headers["Retry-After"] = number(result.RetryAfterSeconds)
	}
	switch {
	case result.Source == "default": // The state of the client is unknown then.
	case style == Structured:
		name := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(l.name) + `"`
		left := result.ResetSeconds
		if !result.Allowed { // The draft requires that Retry-After is not before the end of `t`.
			left = result.RetryAfterSeconds
		}
		headers["RateLimit-Policy"] = name + ";q=" + number(l.limit) + ";w=" + number(l.windowMs/1000)
		headers["RateLimit"] = name + ";r=" + number(result.Remaining) + ";t=" + number(left)
	default:
		headers["RateLimit-Limit"] = number(l.limit)
		headers["RateLimit-Remaining"] = number(result.Remaining)
		headers["RateLimit-Reset"] = number(result.ResetSeconds)
	}
	return headers
}

func number(value int64) string { return strconv.FormatInt(value, 10) }

// secondsOf rounds up to whole seconds, so that a client which waits that long has waited long enough.
func secondsOf(ms float64) int64 { return max(0, int64(math.Ceil(ms/1000))) }
