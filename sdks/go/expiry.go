package kvasir

import (
	"encoding/json"
	"time"
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
