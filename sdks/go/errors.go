package kvasir

import (
	"errors"
	"fmt"
)

// ErrNotFound is what errors.Is finds when there is no such entry, or no more.
var ErrNotFound = errors.New("kvasir: no such entry")

// ErrConditionFailed is what errors.Is finds when a condition of a write did not hold; nothing was changed.
var ErrConditionFailed = errors.New("kvasir: the entry is not as the condition says")

// Error is a request that the server refused, or that got no answer (the code is then "unavailable").
type Error struct {
	// Code is one of the server's and does not change: "key_too_long", "namespace_not_found", "unauthorized", …
	Code string
	// Message says what happened. It may change.
	Message string
	// Hint says what to do about it; it may be empty.
	Hint string
	// Status is the HTTP status, 0 when no answer came.
	Status int
	cause  error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("kvasir: %s [%s]", e.Message, e.Code)
	if e.Hint != "" {
		text += " " + e.Hint
	}
	return text
}

func (e *Error) Unwrap() error { return e.cause }

// Is lets errors.Is find ErrNotFound and ErrConditionFailed.
func (e *Error) Is(target error) bool {
	return target == ErrNotFound && e.Code == "key_not_found" ||
		target == ErrConditionFailed && e.Code == "condition_failed"
}
