package kvasir

import (
	"bytes"
	"context"
	"errors"
)

// GetMany returns the values of many keys, with one request for each 100. Missing keys are omitted.
func (n *Namespace) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	for _, key := range keys {
		if err := checkKey(key); err != nil {
			return nil, err
		}
	}
	values := make(map[string][]byte, len(keys))
	for start := 0; start < len(keys); start += bulkKeysMax {
		asked := keys[start:min(start+bulkKeysMax, len(keys))]
		var found map[string]*string
		if err := n.post(ctx, "/bulk/get", map[string]any{"keys": asked, "type": "text"}, &found); err != nil {
			return nil, err
		}
		for key, text := range found {
			if text != nil {
				values[key] = []byte(*text)
			}
		}
	}
	return values, n.readExactly(ctx, values)
}

// readExactly reads values again if U+FFFD in the text of a bulk read may stand for bytes that are not UTF-8.
func (n *Namespace) readExactly(ctx context.Context, values map[string][]byte) error {
	for key, value := range values {
		if !bytes.ContainsRune(value, '\uFFFD') {
			continue
		}
		exact, err := n.Get(ctx, key)
		if errors.Is(err, ErrNotFound) {
			delete(values, key)
			continue
		}
		if err != nil {
			return err
		}
		values[key] = exact
	}
	return nil
}
