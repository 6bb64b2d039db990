package kvasir

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNotFound matches, in errors.Is, an error for an entry that does not exist or has expired.
var ErrNotFound = errors.New("kvasir: no such entry")

// ErrConditionFailed matches an error for a write whose condition did not hold. Nothing was changed.
var ErrConditionFailed = errors.New("kvasir: the entry is not as the condition says")

// ErrNamespaceNotFound matches an error for an unknown namespace id.
var ErrNamespaceNotFound = errors.New("kvasir: no such namespace")

// ErrUnauthorized matches an error for a token that is missing, unknown or has too few rights.
var ErrUnauthorized = errors.New("kvasir: the token does not allow this")

// ErrUnavailable matches an error for a server that cannot be reached or does not respond in time. A write
// may or may not have been made.
var ErrUnavailable = errors.New("kvasir: the server does not respond")

// ErrInvalid matches an error for an invalid request: a bad key, value, TTL, option or cursor. Repeating it does not
// help.
var ErrInvalid = errors.New("kvasir: the request is invalid")

// ErrOutcomeUnknown matches an error for a write during which the server lost its own store. It may or may not have
// been made: read before you repeat it.
var ErrOutcomeUnknown = errors.New("kvasir: it is unknown whether the write was made")

// ErrRateLimited matches an error for too many requests. Nothing was done. Error.RetryAfter says when to try again.
var ErrRateLimited = errors.New("kvasir: there are too many requests")

// ErrWatchBehind matches the error of a watch that cannot continue: take a new position, list again, and watch since
// that position.
var ErrWatchBehind = errors.New("kvasir: the watch is too far behind")

// ErrStorage matches an error for a server whose disk is full, read-only or damaged.
var ErrStorage = errors.New("kvasir: the server cannot use its disk")

// codes are the error codes that each variable matches.
var codes = map[error][]string{
	ErrNotFound:          {"key_not_found"},
	ErrConditionFailed:   {"condition_failed"},
	ErrNamespaceNotFound: {"namespace_not_found"},
	ErrUnauthorized:      {"unauthorized", "forbidden"},
	ErrUnavailable:       {"unavailable"},
	ErrOutcomeUnknown:    {"outcome_unknown"},
	ErrRateLimited:       {"rate_limited"},
	ErrWatchBehind:       {"watch_behind"},
	ErrStorage:           {"storage_full", "storage_read_only", "storage_corrupt", "storage_format", "storage_gone"},
	ErrInvalid: {
		"bad_request", "key_invalid", "key_too_long", "value_too_large", "value_invalid", "value_not_json",
		"value_not_integer", "metadata_invalid", "metadata_too_large", "expiration_invalid", "cache_ttl_invalid",
		"limit_invalid", "cursor_invalid", "type_invalid", "too_many_keys", "response_too_large", "title_invalid",
		"payload_too_large", "option_invalid",
	},
}

// errSilent ends a request on which nothing was sent or received for too long.
var errSilent = fmt.Errorf("it was silent for too long: %w", context.DeadlineExceeded)

// Error is a request that the server rejected or did not respond to (the code is then "unavailable").
type Error struct {
	// Code is the server's error code. It is stable: "key_too_long", "namespace_not_found", "unauthorized", …
	Code string
	// Message says what happened. It may change.
	Message string
	// Hint says what to do about it. It may be empty.
	Hint string
	// Status is the HTTP status, 0 if there was no response.
	Status int
	// RetryAfter is how long the server asks to wait, 0 if it does not say.
	RetryAfter time.Duration
	cause      error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("kvasir: %s [%s]", e.Message, e.Code)
	if e.Hint != "" {
		text += " " + e.Hint
	}
	return text
}

func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is match ErrNotFound and the other variables.
func (e *Error) Is(target error) bool {
	return slices.Contains(codes[target], e.Code)
}
