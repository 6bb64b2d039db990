package kvasir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// withExpiry is the stored form of a value with its own expiry. The helpers of all languages share it.
type withExpiry struct {
	Value any `json:"value"`
	// ExpiresAt is in milliseconds since the epoch.
	ExpiresAt int64 `json:"expires_at"`
}

// readWithExpiry returns the stored value and whether it has expired. Only a text that clearly has this form
// can be expired: values of other programs are left alone.
func readWithExpiry(stored []byte) (value string, expired bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(stored, &fields) != nil || len(fields) != 2 || fields["value"] == nil || fields["expires_at"] == nil {
		return string(stored), false
	}
	value = string(fields["value"])
	var text *string
	if json.Unmarshal(fields["value"], &text) == nil && text != nil {
		value = *text
	}
	var expiresAt *float64
	if json.Unmarshal(fields["expires_at"], &expiresAt) != nil || expiresAt == nil {
		return value, false
	}
	return value, *expiresAt >= expiryMsMin && *expiresAt < float64(time.Now().UnixMilli())
}

// KvPutWithExpiry writes a value that KvGetWithExpiry returns for this many seconds. The expiry
// is part of the value, as in programs for stores without TTLs. The entry also expires in the
// store, after at least a minute.
func KvPutWithExpiry(key, value string, ttlSeconds int) error {
	return KvPutWithExpiryContext(context.Background(), key, value, ttlSeconds)
}

// KvPutWithExpiryContext is KvPutWithExpiry with a context.
func KvPutWithExpiryContext(ctx context.Context, key, value string, ttlSeconds int) error {
	if ttlSeconds > ttlSecondsMax/1000 {
		return &Error{Code: "expiration_invalid", Message: fmt.Sprintf("a TTL of %d seconds is too long", ttlSeconds)}
	}
	if !utf8.ValidString(value) {
		return &Error{Code: "value_invalid", Message: fmt.Sprintf("the value of %q is not UTF-8", key), Hint: "Use KvPut."}
	}
	stored, err := json.Marshal(withExpiry{value, time.Now().UnixMilli() + int64(ttlSeconds)*1000})
	if err != nil {
		return err
	}
	return KvPutContext(ctx, key, string(stored), max(ttlSeconds, expiryTTLSecondsMin))
}

// KvGetWithExpiry returns a value of KvPutWithExpiry, or "" if it is missing or has expired. An expired value
// is deleted. A value of another language that is not a text is returned as JSON. Any other stored text is
// returned as KvGet returns it, and never deleted.
func KvGetWithExpiry(key string) (string, error) {
	return KvGetWithExpiryContext(context.Background(), key)
}

// KvGetWithExpiryContext is KvGetWithExpiry with a context.
func KvGetWithExpiryContext(ctx context.Context, key string) (string, error) {
	kv, err := NamespaceFromEnvironment("")
	if err != nil {
		return "", err
	}
	entry, err := kv.GetEntry(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	value, expired := readWithExpiry(entry.Value)
	if expired {
		// Only this version: a newer value that was written meanwhile stays.
		err := kv.DeleteIfVersion(ctx, key, entry.Version)
		if errors.Is(err, ErrConditionFailed) {
			err = nil
		}
		return "", err
	}
	return value, nil
}
