package kvasir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// These helpers can be called by a function without an import: kvGet is KvGet and so on. They use the
// namespace from the environment (see NamespaceFromEnvironment).

// KvGet returns a value as text, or "" if there is none.
func KvGet(key string) (string, error) {
	kv, err := NamespaceFromEnvironment("")
	if err != nil {
		return "", err
	}
	value, err := kv.Get(context.Background(), key)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return string(value), err
}

// KvPut writes a value. An optional TTL in seconds follows, at least 1 in a
// function. None or zero means forever.
func KvPut(key, value string, ttlSeconds ...int) error {
	kv, err := NamespaceFromEnvironment("")
	if err != nil {
		return err
	}
	options := &PutOptions{}
	if len(ttlSeconds) > 1 {
		return &Error{Code: "expiration_invalid", Message: "KvPut takes one TTL"}
	}
	if len(ttlSeconds) == 1 {
		if ttlSeconds[0] > ttlSecondsMax {
			return &Error{Code: "expiration_invalid", Message: fmt.Sprintf("a TTL of %d seconds is too long", ttlSeconds[0])}
		}
		options.TTL = time.Duration(ttlSeconds[0]) * time.Second
	}
	_, err = kv.Put(context.Background(), key, []byte(value), options)
	return err
}

// KvDelete deletes an entry. A missing entry is not an error.
func KvDelete(key string) error {
	kv, err := NamespaceFromEnvironment("")
	if err != nil {
		return err
	}
	return kv.Delete(context.Background(), key)
}

// KvList returns the names of all keys with a prefix.
func KvList(prefix string) ([]string, error) {
	kv, err := NamespaceFromEnvironment("")
	if err != nil {
		return nil, err
	}
	names := []string{}
	err = kv.Each(context.Background(), &ListOptions{Prefix: prefix}, func(key ListedKey) error {
		names = append(names, key.Name)
		return nil
	})
	return names, err
}

// KvPutWithExpiry writes a value that KvGetWithExpiry returns for this many seconds. The expiry
// is part of the value, as in programs for stores without TTLs. The entry also expires in the
// store, after at least a minute.
func KvPutWithExpiry(key, value string, ttlSeconds int) error {
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
	return KvPut(key, string(stored), max(ttlSeconds, expiryTTLSecondsMin))
}

// KvGetWithExpiry returns a value of KvPutWithExpiry, or "" if it is missing or has expired. An expired value
// is deleted. A value of another language that is not a text is returned as JSON. Any other stored text is
// returned as KvGet returns it, and never deleted.
func KvGetWithExpiry(key string) (string, error) {
	kv, err := NamespaceFromEnvironment("")
	if err != nil {
		return "", err
	}
	entry, err := kv.GetEntry(context.Background(), key)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	value, expired := readWithExpiry(entry.Value)
	if expired {
		// Only this version: a newer value that was written meanwhile stays.
		err := kv.DeleteIfVersion(context.Background(), key, entry.Version)
		if errors.Is(err, ErrConditionFailed) {
			err = nil
		}
		return "", err
	}
	return value, nil
}
