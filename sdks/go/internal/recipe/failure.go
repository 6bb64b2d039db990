package recipe

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

// failure is a *kvasir.Error that errors.Is also finds under the variable of a recipe.
type failure struct {
	told *kvasir.Error
	kind error
}

func (f *failure) Error() string   { return f.told.Error() }
func (f *failure) Unwrap() []error { return []error{f.told, f.kind} }

// Fail returns an error that matches kind in errors.Is and is a *kvasir.Error in errors.As.
func Fail(kind error, code, message, hint string) error {
	return &failure{&kvasir.Error{Code: code, Message: message, Hint: hint}, kind}
}

// InvalidOption returns the error "option_invalid".
func InvalidOption(name string, value any, expected string) error {
	return &kvasir.Error{
		Code:    "option_invalid",
		Message: fmt.Sprintf("invalid %s of %#v", name, value),
		Hint:    "Pass " + expected + ".",
	}
}

// Span checks a duration. Zero means the default.
func Span(name string, value, byDefault, low, high time.Duration) (time.Duration, error) {
	if value == 0 {
		value = byDefault
	}
	if value < low || value > high {
		return 0, InvalidOption(name, value.String(), fmt.Sprintf("a duration from %v to %v", low, high))
	}
	return value, nil
}

// IsTrouble says whether an error means that the store is in trouble. All others concern the request or its
// permissions.
func IsTrouble(err error) bool {
	var told *kvasir.Error
	if !errors.As(err, &told) {
		return false
	}
	switch told.Code {
	case "unavailable", "outcome_unknown", "rate_limited", "internal":
		return true
	}
	return strings.HasPrefix(told.Code, "storage_")
}

// IsInDoubt says whether a write that failed with this error may have been made all the same.
func IsInDoubt(err error) bool {
	var told *kvasir.Error
	return errors.As(err, &told) && (told.Code == "unavailable" || told.Code == "outcome_unknown")
}
