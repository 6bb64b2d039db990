package kvasir

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// ValueStream is a value whose bytes are read as they come. Close it: an open one keeps a connection for itself.
type ValueStream struct {
	io.ReadCloser
	// Metadata is JSON, or nil if there is none.
	Metadata json.RawMessage
	// Version grows with each change of the key, also across deletion.
	Version int64
	// Expiration is zero for an entry that never expires.
	Expiration time.Time
}

// GetStream returns a value as a stream, or ErrNotFound if there is none. The context must live until the stream is
// closed.
func (n *Namespace) GetStream(ctx context.Context, key string) (*ValueStream, error) {
	asked, err := n.keyRequest(key, "", request{method: http.MethodGet})
	if err != nil {
		return nil, err
	}
	var stream *ValueStream
	err = n.repeat(ctx, asked, func() error {
		ctx, quiet, done := boundSilence(ctx, n.allowed(asked))
		response, err := n.open(ctx, asked, quiet)
		if err != nil {
			done()
			return err
		}
		entry := entryOf(response.Header)
		body := &valueBody{ctx: ctx, body: response.Body, quiet: quiet, done: done}
		stream = &ValueStream{body, entry.Metadata, entry.Version, entry.Expiration}
		return nil
	})
	return stream, err
}

// PutStream writes a value from a reader, piece by piece. It is never in memory as a whole. If the reader fails,
// nothing is written and its error is returned. The request is not repeated. Otherwise it is like Put.
func (n *Namespace) PutStream(ctx context.Context, key string, source io.Reader, options *PutOptions) (int64, error) {
	query, headers, err := putRequest(options)
	if err != nil {
		return 0, err
	}
	response, _, err := n.sendKey(ctx, key, query, request{method: http.MethodPut, stream: source, headers: headers})
	return versionOf(response), err
}

// valueBody is the rest of a response. Its errors are those of other operations.
type valueBody struct {
	ctx   context.Context
	body  io.ReadCloser
	quiet *silence
	done  context.CancelFunc
}

func (b *valueBody) Read(data []byte) (int, error) {
	count, err := audible{b.body, b.quiet}.Read(data)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unavailable(b.ctx, err)
	}
	return count, err
}

func (b *valueBody) Close() error {
	defer b.done()
	return b.body.Close()
}

// sourceReader remembers the error of a reader, which net/http would hide among its own.
type sourceReader struct {
	reader io.Reader
	quiet  *silence
	err    atomic.Pointer[error]
}

func (s *sourceReader) Read(data []byte) (int, error) {
	// How long the source takes is not the server's silence.
	s.quiet.pause()
	count, err := s.reader.Read(data)
	s.quiet.heard()
	if err != nil && err != io.EOF {
		s.err.Store(&err)
	}
	return count, err
}

func (s *sourceReader) failed() error {
	if err := s.err.Load(); err != nil {
		return *err
	}
	return nil
}

// entryOf is an entry without its value, as the headers of a response describe it.
func entryOf(headers http.Header) *Entry {
	entry := &Entry{Version: versionOf(headers)}
	if metadata := headers.Get("CF-KV-Metadata"); metadata != "" {
		entry.Metadata = json.RawMessage(metadata)
	}
	if seconds, err := strconv.ParseInt(headers.Get("CF-Expiration"), 10, 64); err == nil {
		entry.Expiration = time.Unix(seconds, 0)
	}
	return entry
}
