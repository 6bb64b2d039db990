package kvasir

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// checkKey refuses the names that would make the path of something else, and those that JSON would change.
func checkKey(key string) error {
	switch {
	case key == "":
		return &Error{Code: "key_invalid", Message: "a key cannot be empty", Hint: "List returns all keys."}
	case key == "." || key == "..":
		return &Error{Code: "key_invalid", Message: fmt.Sprintf("%q is not allowed as a key", key)}
	case len(key) > keyBytesMax:
		return &Error{Code: "key_too_long", Message: fmt.Sprintf("the key has %d bytes, more than %d", len(key), keyBytesMax)}
	case !utf8.ValidString(key):
		return &Error{Code: "key_invalid", Message: fmt.Sprintf("the key %q is not UTF-8", key)}
	}
	return nil
}

// wholeSeconds counts a part of a second as a whole one, so that no entry ends early and none lives for ever.
func wholeSeconds(ttl time.Duration) int64 {
	seconds := int64(ttl / time.Second)
	if ttl%time.Second > 0 {
		seconds++
	}
	return seconds
}
