package kvasir

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// checkKey rejects names that would make another path, and names that JSON would change.
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

// jsonOf converts a value to JSON. Bytes that are not UTF-8 are an error: encoding/json would write U+FFFD for them.
func jsonOf(value any) ([]byte, error) {
	data, err := json.Marshal(value)
	if _, isJSON := value.(json.RawMessage); err != nil || isJSON {
		return data, err
	}
	// U+FFFD itself is written as it is.
	for rest := data; ; {
		at := bytes.Index(rest, []byte(`\ufffd`))
		if at < 0 {
			return data, nil
		}
		before := rest[:at]
		if (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return nil, &Error{Code: "value_invalid", Message: "the value has text that is not UTF-8"}
		}
		rest = rest[at+1:]
	}
}

// epochSeconds rounds up to whole seconds since the epoch.
func epochSeconds(moment time.Time) int64 {
	seconds := moment.Unix()
	if moment.Nanosecond() > 0 {
		seconds++
	}
	return seconds
}

// wholeSeconds rounds up to whole seconds, so that no entry expires early or lives forever.
func wholeSeconds(ttl time.Duration) int64 {
	seconds := int64(ttl / time.Second)
	if ttl%time.Second > 0 {
		seconds++
	}
	return seconds
}
