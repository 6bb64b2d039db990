package kvasir

import (
	"context"
	"errors"
	"fmt"
)

// ErrNotFound is what errors.Is finds when there is no such entry, or no more.
var ErrNotFound = errors.New("kvasir: no such entry")

// ErrConditionFailed is what errors.Is finds when a condition of a write did not hold; nothing was changed.
var ErrConditionFailed = errors.New("kvasir: the entry is not as the condition says")

// ErrNamespaceNotFound is what errors.Is finds when there is no namespace with this id.
var ErrNamespaceNotFound = errors.New("kvasir: no such namespace")

// ErrUnauthorized is what errors.Is finds when the token is missing, unknown or not allowed to do this.
var ErrUnauthorized = errors.New("kvasir: the token does not allow this")

// ErrUnavailable is what errors.Is finds when the server cannot be reached or does not respond in time. A write may or
// may not have been made.
var ErrUnavailable = errors.New("kvasir: the server does not respond")

// errSilent ends a request on which nothing was sent or received for too long.
var errSilent = fmt.Errorf("it was silent for too long: %w", context.DeadlineExceeded)

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

// Is lets errors.Is find ErrNotFound and the others.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.Code == "key_not_found"
	case ErrConditionFailed:
		return e.Code == "condition_failed"
	case ErrNamespaceNotFound:
		return e.Code == "namespace_not_found"
	case ErrUnauthorized:
		return e.Code == "unauthorized" || e.Code == "forbidden"
	case ErrUnavailable:
		return e.Code == "unavailable"
	}
	return false
}
