package kvasir

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
)

// ValueWithMetadata is a value that was read together with others.
type ValueWithMetadata struct {
	Value []byte
	// Metadata is JSON, or nil if there is none.
	Metadata json.RawMessage
}

// GetMany returns the values of many keys, with one request for each 100. Missing keys are omitted.
func (n *Namespace) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	values := make(map[string][]byte, len(keys))
	err := readMany(ctx, n, keys, false, func(key string, text *string) error {
		if text == nil {
			return nil
		}
		value, err := n.exact(ctx, key, *text)
		if err == nil {
			values[key] = value
		}
		return unlessMissing(err)
	})
	return values, err
}

// GetManyWithMetadata returns the values of many keys with their metadata. Missing keys are omitted.
func (n *Namespace) GetManyWithMetadata(ctx context.Context, keys []string) (map[string]ValueWithMetadata, error) {
	type found struct {
		Value    string
		Metadata json.RawMessage
	}
	values := make(map[string]ValueWithMetadata, len(keys))
	err := readMany(ctx, n, keys, true, func(key string, read *found) error {
		if read == nil {
			return nil
		}
		value, err := n.exact(ctx, key, read.Value)
		if err == nil {
			metadata := read.Metadata
			if string(metadata) == "null" {
				metadata = nil
			}
			values[key] = ValueWithMetadata{value, metadata}
		}
		return unlessMissing(err)
	})
	return values, err
}

func readMany[Found any](ctx context.Context, n *Namespace, keys []string, withMetadata bool, do func(string, *Found) error) error {
	for _, key := range keys {
		if err := checkKey(key); err != nil {
			return err
		}
	}
	for start := 0; start < len(keys); start += bulkKeysMax {
		asked := keys[start:min(start+bulkKeysMax, len(keys))]
		body := map[string]any{"keys": asked, "type": "text", "withMetadata": withMetadata}
		if n.cacheTTL != 0 {
			body["cacheTtl"] = wholeSeconds(n.cacheTTL)
		}
		var found map[string]*Found
		if err := n.post(ctx, "/bulk/get", body, &found, true); err != nil {
			return err
		}
		for key, read := range found {
			if err := do(key, read); err != nil {
				return err
			}
		}
	}
	return nil
}

// exact reads a value again if U+FFFD in the text of a bulk read may stand for bytes that are not UTF-8.
func (n *Namespace) exact(ctx context.Context, key, text string) ([]byte, error) {
	value := []byte(text)
	if !bytes.ContainsRune(value, '\uFFFD') {
		return value, nil
	}
	return n.Get(ctx, key)
}

func unlessMissing(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// PutMany writes many values, some at a time. All get the same options. All keys are checked first. If a write fails,
// no further ones begin, and those before it stay.
func (n *Namespace) PutMany(ctx context.Context, values map[string][]byte, options *PutOptions) error {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	return n.inParallel(keys, func(key string) error {
		_, err := n.Put(ctx, key, values[key], options)
		return err
	})
}

// DeleteMany deletes many entries, some at a time. Missing entries are not errors. All keys are checked first. If a
// deletion fails, no further ones begin.
func (n *Namespace) DeleteMany(ctx context.Context, keys []string) error {
	return n.inParallel(keys, func(key string) error { return n.Delete(ctx, key) })
}

// inParallel returns the first error, after all operations that had begun.
func (n *Namespace) inParallel(keys []string, do func(key string) error) error {
	for _, key := range keys {
		if err := checkKey(key); err != nil {
			return err
		}
	}
	var (
		group sync.WaitGroup
		mutex sync.Mutex
		next  int
		first error
	)
	take := func() (string, bool) {
		mutex.Lock()
		defer mutex.Unlock()
		if first != nil || next == len(keys) {
			return "", false
		}
		next++
		return keys[next-1], true
	}
	for lane := 0; lane < min(parallelWritesMax, len(keys)); lane++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for key, has := take(); has; key, has = take() {
				if err := do(key); err != nil {
					mutex.Lock()
					if first == nil {
						first = err
					}
					mutex.Unlock()
				}
			}
		}()
	}
	group.Wait()
	return first
}
