package kvasir

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// These helpers can be called by a function without an import: kvGet is KvGet and so on. They use the
// namespace from the environment (see NamespaceFromEnvironment). Those with a context end with it, for example with
// the request: kvGetContext(r.Context(), key).

// KvGet returns a value as text, or "" if there is none.
func KvGet(key string) (string, error) {
	return KvGetContext(context.Background(), key)
}

// KvGetContext is KvGet with a context.
func KvGetContext(ctx context.Context, key string) (string, error) {
	kv, err := NamespaceFromEnvironment("")
	if err != nil {
		return "", err
	}
	value, err := kv.Get(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return string(value), err
}

// KvPut writes a value. An optional TTL in seconds follows, at least 1 in a
// function. None or zero means forever.
func KvPut(key, value string, ttlSeconds ...int) error {
	return KvPutContext(context.Background(), key, value, ttlSeconds...)
}

// KvPutContext is KvPut with a context.
func KvPutContext(ctx context.Context, key, value string, ttlSeconds ...int) error {
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
	_, err = kv.Put(ctx, key, []byte(value), options)
	return err
}

// KvDelete deletes an entry. A missing entry is not an error.
func KvDelete(key string) error {
	return KvDeleteContext(context.Background(), key)
}

// KvDeleteContext is KvDelete with a context.
func KvDeleteContext(ctx context.Context, key string) error {
	kv, err := NamespaceFromEnvironment("")
	if err != nil {
		return err
	}
	return kv.Delete(ctx, key)
}

// KvList returns the names of all keys with a prefix.
func KvList(prefix string) ([]string, error) {
	return KvListContext(context.Background(), prefix)
}

// KvListContext is KvList with a context.
func KvListContext(ctx context.Context, prefix string) ([]string, error) {
	kv, err := NamespaceFromEnvironment("")
	if err != nil {
		return nil, err
	}
	names := []string{}
	err = kv.Each(ctx, &ListOptions{Prefix: prefix}, func(key ListedKey) error {
		names = append(names, key.Name)
		return nil
	})
	return names, err
}
