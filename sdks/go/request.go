package kvasir

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

type request struct {
	method string
	// path within the namespace, percent-encoded, including the query.
	path    string
	body    []byte
	headers map[string]string
	// stream is a body instead of the bytes. It can be sent only once.
	stream io.Reader
	// scans says that the duration depends on the number of keys, so the request may take longer.
	scans bool
	// safe says that the request changes nothing, as every GET.
	safe bool
}

// send returns the response's headers and body, or an *Error for every status except 2xx.
func (n *Namespace) send(ctx context.Context, r request) (http.Header, []byte, error) {
	var headers http.Header
	var data []byte
	err := n.repeat(ctx, r, func() error {
		ctx, quiet, done := boundSilence(ctx, n.allowed(r))
		defer done()
		response, err := n.open(ctx, r, quiet)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		headers = response.Header
		data, err = io.ReadAll(audible{response.Body, quiet})
		if err != nil {
			return unavailable(ctx, err)
		}
		return nil
	})
	return headers, data, err
}

// allowed is how long the server may be silent during a request.
func (n *Namespace) allowed(r request) time.Duration {
	if r.scans {
		return n.client.silence * scanTimeoutFactor
	}
	return n.client.silence
}

// open returns a response whose body the caller must read and close, or an *Error for every status except
// 2xx.
func (n *Namespace) open(ctx context.Context, r request, quiet *silence) (*http.Response, error) {
	c := n.client
	if err := n.check(r); err != nil {
		return nil, err
	}
	target := c.base + r.path
	if !c.inHeader {
		target = c.base + "/binding/" + url.PathEscape(n.id) + r.path
	}
	sent, err := http.NewRequestWithContext(ctx, r.method, target, nil)
	if err != nil {
		return nil, fmt.Errorf("kvasir: %s is no address of a server: %w", c.base, err)
	}
	if r.body != nil {
		fresh := func() (io.ReadCloser, error) { return io.NopCloser(audible{bytes.NewReader(r.body), quiet}), nil }
		sent.Body, _ = fresh()
		sent.GetBody = fresh
		sent.ContentLength = int64(len(r.body))
	}
	source := &sourceReader{reader: r.stream, quiet: quiet}
	if r.stream != nil {
		sent.Body = io.NopCloser(source)
		sent.ContentLength = -1
	}
	for _, headers := range []map[string]string{c.headers, r.headers} {
		for name, value := range headers {
			sent.Header.Set(name, value)
		}
	}
	if c.inHeader {
		sent.Header.Set("Kvasir-Namespace", n.id)
	}
	response, err := c.http.Do(sent)
	if failed := source.failed(); failed != nil {
		if err == nil {
			response.Body.Close()
		}
		return nil, failed
	}
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	if response.StatusCode/100 != 2 {
		defer response.Body.Close()
		return nil, errorOf(response)
	}
	return response, nil
}

// check rejects what would mean something else to the server.
func (n *Namespace) check(r request) error {
	if n.id == "" {
		hint := "Namespace takes the id of one: 32 hex digits or a UUID."
		return &Error{Code: "namespace_not_found", Message: "the id of the namespace is empty", Hint: hint}
	}
	if text, err := url.PathUnescape(r.path); strings.Contains(r.path, "%") && (err != nil || !utf8.ValidString(text)) {
		return &Error{Code: "key_invalid", Message: fmt.Sprintf("%q is not UTF-8", text)}
	}
	if name, wrong := headerThatCannotBe(n.client.headers); wrong {
		return &Error{Code: "unauthorized", Message: "the value of " + name + " has characters that a header cannot carry"}
	}
	return nil
}

func headerThatCannotBe(headers map[string]string) (string, bool) {
	for name, value := range headers {
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return name, true
		}
	}
	return "", false
}

func unavailable(ctx context.Context, cause error) *Error {
	if context.Cause(ctx) == errSilent {
		cause = errSilent
	}
	hint := "Is it running, and is the address right?"
	if errors.Is(cause, context.DeadlineExceeded) {
		hint = "A write may or may not have been made. A context with a deadline, or WithTimeout, allows more time."
	}
	return &Error{
		Code:    "unavailable",
		Message: "the server does not respond: " + cause.Error(),
		Hint:    hint,
		cause:   cause,
	}
}

func errorOf(response *http.Response) error {
	data, _ := io.ReadAll(io.LimitReader(response.Body, errorBytesMax))
	if response.StatusCode == http.StatusPreconditionFailed {
		return &Error{Code: "condition_failed", Message: "the condition does not hold", Status: response.StatusCode}
	}
	var body struct {
		Error struct{ Code, Message, Hint string }
	}
	found := &Error{Code: "internal", Message: "the server responded " + response.Status, Status: response.StatusCode}
	if json.Unmarshal(data, &body) == nil && body.Error.Code != "" {
		found.Code, found.Message, found.Hint = body.Error.Code, body.Error.Message, body.Error.Hint
	}
	if seconds, err := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 31); err == nil {
		found.RetryAfter = time.Duration(seconds) * time.Second
	}
	return found
}
