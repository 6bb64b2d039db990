package kvasir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Helpers are what a function calls without importing anything: kvGet is KvGet and so on. They work in the
// namespace that the environment names (see NamespaceFromEnvironment).

// KvGet returns a value as text, "" when there is none.
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

// KvPut writes a value. A TTL in seconds may follow, at least 1 in a function; none or zero is for ever.
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

// KvDelete removes an entry; that there is none is no error.
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

// KvPutWithExpiry writes a value that KvGetWithExpiry finds for so many seconds. The expiry is part of the value, as
// programs for stores without TTLs keep it. The store forgets what nobody reads again, at the earliest after a minute.
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

// KvGetWithExpiry returns what KvPutWithExpiry wrote, "" when it is missing or past its expiry (it is then deleted). A
// value of another language that is no text is returned as JSON. Everything else that is stored under the key is
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
		// Only this one: a newer value that came meanwhile stays.
		err := kv.DeleteIfVersion(context.Background(), key, entry.Version)
		if errors.Is(err, ErrConditionFailed) {
			err = nil
		}
		return "", err
	}
	return value, nil
}
