package kvasir

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ListOptions select the keys of a list. Keys are sorted by their UTF-8 bytes.
type ListOptions struct {
	Prefix string
	// Limit is the most keys of a page, at most 1,000. Zero means 1,000.
	Limit int
	// Cursor is the Cursor of the previous page.
	Cursor string
	// Start is the first key, inclusive. End is the end of the keys, exclusive.
	Start, End string
	Reverse    bool
	// Values also returns the values.
	Values bool
	// Versions also returns the versions.
	Versions bool
}

// ListedKey is an entry of a list.
type ListedKey struct {
	Name string
	// Metadata is JSON, or nil if there is none.
	Metadata json.RawMessage
	// Expiration is zero for an entry that never expires.
	Expiration time.Time
	// Value is set if the options ask for values. It holds any bytes.
	Value string
	// Version is set if the options ask for versions.
	Version int64
	// Damaged says that the entry is damaged on disk. Reading it is an error. Writing or deleting it repairs it.
	Damaged bool
}

// ListPage is one page of keys.
type ListPage struct {
	Keys []ListedKey
	// Cursor is the start of the next page. It is empty on the last page. A page may be empty and not be the
	// last.
	Cursor string
}

// List returns one page of keys. Nil options select all keys.
func (n *Namespace) List(ctx context.Context, options *ListOptions) (*ListPage, error) {
	var response struct {
		Keys []struct {
			Name       string
			Metadata   *string
			Expiration int64
			Value      string
			Version    int64
			Damaged    bool
		}
		Cursor string
	}
	if err := n.ask(ctx, request{method: http.MethodGet, path: "/" + queryText(listQuery(options))}, &response); err != nil {
		return nil, err
	}
	page := &ListPage{Cursor: response.Cursor, Keys: make([]ListedKey, 0, len(response.Keys))}
	for _, key := range response.Keys {
		listed := ListedKey{Name: key.Name, Value: key.Value, Version: key.Version, Damaged: key.Damaged}
		// The server writes U+FFFD for bytes that are not UTF-8. A single read tells the difference.
		if strings.ContainsRune(key.Value, '\uFFFD') {
			exact, err := n.Get(ctx, key.Name)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			listed.Value = string(exact)
		}
		if key.Metadata != nil {
			// The metadata is a string that contains JSON, which is the form that workerd reads.
			listed.Metadata = json.RawMessage(*key.Metadata)
		}
		if key.Expiration != 0 {
			listed.Expiration = time.Unix(key.Expiration, 0)
		}
		page.Keys = append(page.Keys, listed)
	}
	return page, nil
}

// Each calls a function for every selected key, page by page, until the function returns an error.
func (n *Namespace) Each(ctx context.Context, options *ListOptions, do func(ListedKey) error) error {
	chosen := ListOptions{}
	if options != nil {
		chosen = *options
	}
	for {
		page, err := n.List(ctx, &chosen)
		if err != nil {
			return err
		}
		for _, key := range page.Keys {
			if err := do(key); err != nil {
				return err
			}
		}
		if page.Cursor == "" {
			return nil
		}
		chosen.Cursor = page.Cursor
	}
}

// Keys returns an iter.Seq2 of every selected key. Pages are read on demand. An error is the last item:
//
//	for key, err := range kv.Keys(ctx, &kvasir.ListOptions{Prefix: "user:"}) { … }
func (n *Namespace) Keys(ctx context.Context, options *ListOptions) func(yield func(ListedKey, error) bool) {
	return func(yield func(ListedKey, error) bool) {
		err := n.Each(ctx, options, func(key ListedKey) error {
			if !yield(key, nil) {
				return errLeft
			}
			return nil
		})
		if err != nil && err != errLeft {
			yield(ListedKey{}, err)
		}
	}
}

// Count returns the number of keys with a prefix.
func (n *Namespace) Count(ctx context.Context, prefix string) (int64, error) {
	query := url.Values{"count": {"true"}, "prefix": {prefix}}
	var response struct{ Count int64 }
	err := n.ask(ctx, request{method: http.MethodGet, path: "/" + queryText(query), scans: true}, &response)
	return response.Count, err
}

// DeletePrefixOptions are the options of a deletion by prefix.
type DeletePrefixOptions struct {
	// DryRun only counts the keys.
	DryRun bool
	// All allows an empty prefix, which deletes everything.
	All bool
}

// DeletePrefix deletes all keys with a prefix, which must not be empty, and returns their number.
func (n *Namespace) DeletePrefix(ctx context.Context, prefix string) (int64, error) {
	return n.DeletePrefixWithOptions(ctx, prefix, nil)
}

// DeletePrefixWithOptions deletes or counts all keys with a prefix, and returns their number. Nil means no options.
func (n *Namespace) DeletePrefixWithOptions(ctx context.Context, prefix string, options *DeletePrefixOptions) (int64, error) {
	query := url.Values{"prefix": {prefix}}
	if options != nil && options.DryRun {
		query.Set("dry_run", "true")
	}
	if options != nil && options.All {
		query.Set("all", "true")
	}
	var response struct{ Count int64 }
	err := n.ask(ctx, request{method: http.MethodDelete, path: "/" + queryText(query), scans: true}, &response)
	return response.Count, err
}

func (n *Namespace) ask(ctx context.Context, r request, target any) error {
	_, data, err := n.send(ctx, r)
	if err != nil {
		return err
	}
	return readJSON(data, target)
}

func listQuery(options *ListOptions) url.Values {
	if options == nil {
		options = &ListOptions{}
	}
	// Also if it is empty, because a path without a query means an empty key.
	query := url.Values{"prefix": {options.Prefix}}
	for name, text := range map[string]string{"cursor": options.Cursor, "start": options.Start, "end": options.End} {
		if text != "" {
			query.Set(name, text)
		}
	}
	if options.Limit != 0 {
		query.Set("key_count_limit", strconv.Itoa(options.Limit))
	}
	flags := map[string]bool{"reverse": options.Reverse, "values": options.Values, "versions": options.Versions}
	for name, asked := range flags {
		if asked {
			query.Set(name, "true")
		}
	}
	return query
}
