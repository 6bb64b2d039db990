package kvasir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Helpers are what a function calls without importing anything: kvGet is KvGet and so on. They work in the
// namespace that the environment names (see NamespaceFromEnvironment).

var helpers struct {
	once      sync.Once
	namespace *Namespace
	err       error
}

func helperNamespace() (*Namespace, error) {
	helpers.once.Do(func() { helpers.namespace, helpers.err = NamespaceFromEnvironment("") })
	return helpers.namespace, helpers.err
}

// KvGet returns a value as text, "" when there is none.
func KvGet(key string) (string, error) {
	kv, err := helperNamespace()
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
	kv, err := helperNamespace()
	if err != nil {
		return err
	}
	options := &PutOptions{}
	if len(ttlSeconds) > 0 {
		options.TTL = time.Duration(ttlSeconds[0]) * time.Second
	}
	_, err = kv.Put(context.Background(), key, []byte(value), options)
	return err
}

// KvDelete removes an entry; that there is none is no error.
func KvDelete(key string) error {
	kv, err := helperNamespace()
	if err != nil {
		return err
	}
	return kv.Delete(context.Background(), key)
}

// KvList returns the names of all keys with a prefix.
func KvList(prefix string) ([]string, error) {
	kv, err := helperNamespace()
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

// expiryTTLSecondsMin is the shortest TTL that every way to a namespace takes.
const expiryTTLSecondsMin = 60

// withExpiry is how a value with an expiry of its own is stored; the time is in milliseconds since the epoch.
type withExpiry struct {
	Value     *string  `json:"value"`
	ExpiresAt *float64 `json:"expires_at"`
}

// KvPutWithExpiry writes a value that KvGetWithExpiry finds for so many seconds. The expiry is part of the value, as
// programs for stores without TTLs keep it. The store forgets what nobody reads again, at the earliest after a minute.
func KvPutWithExpiry(key, value string, ttlSeconds int) error {
	expiresAt := float64(time.Now().UnixMilli() + int64(ttlSeconds)*1000)
	stored, err := json.Marshal(withExpiry{Value: &value, ExpiresAt: &expiresAt})
	if err != nil {
		return err
	}
	return KvPut(key, string(stored), max(ttlSeconds, expiryTTLSecondsMin))
}

// KvGetWithExpiry returns what KvPutWithExpiry wrote, "" when it is missing or past its expiry (it is then deleted).
func KvGetWithExpiry(key string) (string, error) {
	kv, err := helperNamespace()
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
	var stored withExpiry
	if json.Unmarshal(entry.Value, &stored) != nil || stored.Value == nil || stored.ExpiresAt == nil {
		return "", fmt.Errorf("kvasir: the value of %q was not written by kvPutWithExpiry; read it with kvGet", key)
	}
	if float64(time.Now().UnixMilli()) > *stored.ExpiresAt {
		// Only this one: a newer value that came meanwhile stays.
		err := kv.DeleteIfVersion(context.Background(), key, entry.Version)
		if errors.Is(err, ErrConditionFailed) {
			err = nil
		}
		return "", err
	}
	return *stored.Value, nil
}
