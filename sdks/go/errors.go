package kvasir

import (
	"context"
	"errors"
	"fmt"
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

// Is makes errors.Is match ErrNotFound and the other variables.
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
