package kvasir

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Namespace is a separate key space. Keys have at most 512 bytes of UTF-8, values 25
// MiB, metadata 1,024 bytes of JSON.
type Namespace struct {
	client *Client
	id     string
	// cacheTTL is how old a response of a cache may be.
	cacheTTL time.Duration
}

// Entry is a value with its metadata, version and expiration.
type Entry struct {
	Value []byte
	// Metadata is JSON, or nil if there is none.
	Metadata json.RawMessage
	// Version grows with each change of the key, also across deletion.
	Version int64
	// Expiration is zero for an entry that never expires.
	Expiration time.Time
}

// PutOptions are the options of a write. Nil means none.
type PutOptions struct {
	// TTL is how long the entry lives, at least 60 s, rounded up to whole seconds. Zero means forever.
	TTL time.Duration
	// Expiration is the time at which the entry expires, instead of a TTL.
	Expiration time.Time
	// Metadata is any JSON value of at most 1,024 bytes.
	Metadata any
	// IfAbsent writes only if the entry does not exist.
	IfAbsent bool
	// IfVersion writes only if the entry has this version. Zero means no condition; see PutIfVersion.
	IfVersion int64
}

// Get returns a value, or ErrNotFound if there is none.
func (n *Namespace) Get(ctx context.Context, key string) ([]byte, error) {
	_, value, err := n.sendKey(ctx, key, "", request{method: http.MethodGet})
	return value, err
}

// GetEntry returns a value with metadata, version and expiration, or ErrNotFound if there is none.
func (n *Namespace) GetEntry(ctx context.Context, key string) (*Entry, error) {
	headers, value, err := n.sendKey(ctx, key, "", request{method: http.MethodGet})
	if err != nil {
		return nil, err
	}
	entry := entryOf(headers)
	entry.Value = value
	return entry, nil
}

// GetJSON parses a value as JSON into target, which must be a pointer.
func (n *Namespace) GetJSON(ctx context.Context, key string, target any) error {
	value, err := n.Get(ctx, key)
	if err != nil {
		return err
	}
	return json.Unmarshal(value, target)
}

// Put writes a value and returns its version. The value is then on the server's disk. It returns
// ErrConditionFailed if a condition in the options does not hold.
func (n *Namespace) Put(ctx context.Context, key string, value []byte, options *PutOptions) (int64, error) {
	query, headers, err := putRequest(options)
	if err != nil {
		return 0, err
	}
	return n.put(ctx, key, query, value, headers)
}

// PutIfVersion writes a value if the entry has this version. Otherwise it returns
// ErrConditionFailed. No entry has version zero.
func (n *Namespace) PutIfVersion(ctx context.Context, key string, value []byte, version int64, options *PutOptions) (int64, error) {
	query, headers, err := putRequest(options)
	if err != nil {
		return 0, err
	}
	headers["If-Match"] = etag(version)
	return n.put(ctx, key, query, value, headers)
}

func (n *Namespace) put(ctx context.Context, key, query string, value []byte, headers map[string]string) (int64, error) {
	if value == nil {
		value = []byte{}
	}
	asked := request{method: http.MethodPut, body: value, headers: headers}
	response, _, err := n.sendKey(ctx, key, query, asked)
	return versionOf(response), err
}

// putRequest returns the query and the headers of a write.
func putRequest(options *PutOptions) (string, map[string]string, error) {
	headers := map[string]string{"Content-Type": "application/octet-stream"}
	if options == nil {
		return "", headers, nil
	}
	if options.Metadata != nil {
		metadata, err := jsonOf(options.Metadata)
		if err != nil {
			return "", nil, err
		}
		// DEL is the only character that JSON does not escape and that HTTP forbids.
		headers["CF-KV-Metadata"] = strings.ReplaceAll(string(metadata), "\x7f", `\u007f`)
	}
	if options.IfAbsent && options.IfVersion != 0 {
		return "", nil, &Error{Code: "bad_request", Message: "PutOptions has IfAbsent or IfVersion, not both"}
	}
	if options.IfAbsent {
		headers["If-None-Match"] = "*"
	}
	if options.IfVersion != 0 {
		headers["If-Match"] = etag(options.IfVersion)
	}
	query := url.Values{}
	if options.TTL != 0 {
		query.Set("expiration_ttl", strconv.FormatInt(wholeSeconds(options.TTL), 10))
	}
	if !options.Expiration.IsZero() {
		query.Set("expiration", strconv.FormatInt(epochSeconds(options.Expiration), 10))
	}
	return queryText(query), headers, nil
}

// PutJSON writes a value as JSON. Otherwise it is like Put.
func (n *Namespace) PutJSON(ctx context.Context, key string, value any, options *PutOptions) (int64, error) {
	data, err := jsonOf(value)
	if err != nil {
		return 0, err
	}
	return n.Put(ctx, key, data, options)
}

// Delete deletes an entry. A missing entry is not an error.
func (n *Namespace) Delete(ctx context.Context, key string) error {
	_, _, err := n.sendKey(ctx, key, "", request{method: http.MethodDelete})
	return err
}

// DeleteIfVersion deletes an entry that has this version. Otherwise it returns
// ErrConditionFailed. No entry has version zero.
func (n *Namespace) DeleteIfVersion(ctx context.Context, key string, version int64) error {
	headers := map[string]string{"If-Match": etag(version)}
	_, _, err := n.sendKey(ctx, key, "", request{method: http.MethodDelete, headers: headers})
	return err
}

// Increment adds to a counter atomically and returns the sum. The TTL applies if the counter is
// created and the TTL is not zero.
func (n *Namespace) Increment(ctx context.Context, key string, by int64, ttl time.Duration) (int64, error) {
	body := map[string]int64{"by": by}
	if ttl != 0 {
		body["expirationTtl"] = wholeSeconds(ttl)
	}
	var response struct{ Value int64 }
	err := n.postKey(ctx, key, "/increment", body, &response)
	return response.Value, err
}

// Touch changes the expiry of an entry without rewriting it. Zero means forever. It returns
// ErrNotFound for a missing entry.
func (n *Namespace) Touch(ctx context.Context, key string, ttl time.Duration) error {
	body := map[string]int64{}
	if ttl != 0 {
		body["expirationTtl"] = wholeSeconds(ttl)
	}
	return n.postKey(ctx, key, "/touch", body, nil)
}

// TouchAt is like Touch, with the time at which the entry expires.
func (n *Namespace) TouchAt(ctx context.Context, key string, expiration time.Time) error {
	return n.postKey(ctx, key, "/touch", map[string]int64{"expiration": epochSeconds(expiration)}, nil)
}

// WithCacheTTL returns the namespace with reads that a cache in front of the store may serve, if it has read the entry
// less than this long ago. It is at least 30 s, rounded up to whole seconds. Zero means that reads are fresh.
func (n *Namespace) WithCacheTTL(age time.Duration) *Namespace {
	changed := *n
	changed.cacheTTL = age
	return &changed
}

func (n *Namespace) post(ctx context.Context, path string, body, target any, safe bool) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	headers := map[string]string{"Content-Type": "application/json"}
	asked := request{method: http.MethodPost, path: path, body: data, headers: headers, safe: safe}
	_, response, err := n.send(ctx, asked)
	if err != nil || target == nil {
		return err
	}
	return readJSON(response, target)
}

// sendKey sends a request for one key. rest is the part of the path after the key.
func (n *Namespace) sendKey(ctx context.Context, key, rest string, r request) (http.Header, []byte, error) {
	asked, err := n.keyRequest(key, rest, r)
	if err != nil {
		return nil, nil, err
	}
	return n.send(ctx, asked)
}

func (n *Namespace) keyRequest(key, rest string, r request) (request, error) {
	r.path = "/" + url.PathEscape(key) + rest
	if r.method == http.MethodGet && n.cacheTTL != 0 {
		r.path += "?cache_ttl=" + strconv.FormatInt(wholeSeconds(n.cacheTTL), 10)
	}
	return r, checkKey(key)
}

func (n *Namespace) postKey(ctx context.Context, key, operation string, body, target any) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return n.post(ctx, "/"+url.PathEscape(key)+operation, body, target, false)
}

// readJSON parses a response of the server. Another server's is an error that says so.
func readJSON(response []byte, target any) error {
	if err := json.Unmarshal(response, target); err != nil {
		hint := "Is the address the one of Kvasir's API?"
		return &Error{Code: "internal", Message: "the response is not what was asked for", Hint: hint, cause: err}
	}
	return nil
}

func queryText(query url.Values) string {
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

func etag(version int64) string {
	return `"` + strconv.FormatInt(version, 10) + `"`
}

func versionOf(headers http.Header) int64 {
	version, _ := strconv.ParseInt(strings.Trim(headers.Get("ETag"), `"`), 10, 64)
	return version
}
