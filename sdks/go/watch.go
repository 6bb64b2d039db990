package kvasir

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Change is a change of a namespace.
type Change struct {
	// Type is "put", "delete" or "expire".
	Type string
	Key  string
	// Version is the entry's version after the change.
	Version int64
	// Position is opaque. Pass the last one seen as Since to go on with the change after it.
	Position string `json:"-"`
	// More says that another change of the same atomic commit follows, with the same version.
	More bool
}

// WatchOptions select the changes of a watch. Nil means all changes from now on.
type WatchOptions struct {
	Prefix string
	// Since is the position of a change, or one from Position, to begin after. Empty: from now on.
	Since string
}

// Position returns the newest position of the changes: a watch since it tells all that is written from now on.
func (n *Namespace) Position(ctx context.Context) (string, error) {
	var answer struct{ Position string }
	err := n.ask(ctx, request{method: http.MethodGet, path: "/?position=true"}, &answer)
	return answer.Position, err
}

// Watch returns an iter.Seq2 of changes as they are made, in order. It ends with the context or the loop:
//
//	for change, err := range kv.Watch(ctx, nil) { … }
//
// A broken connection is replaced, and the watch resumes after the last change that was seen. An error is the
// last item. Its code is "watch_behind" if the server no longer remembers the changes after Since.
func (n *Namespace) Watch(ctx context.Context, options *WatchOptions) func(yield func(Change, error) bool) {
	chosen := WatchOptions{}
	if options != nil {
		chosen = *options
	}
	return func(yield func(Change, error) bool) {
		w := &watch{namespace: n, prefix: chosen.Prefix, last: chosen.Since, yield: yield}
		if err := w.run(ctx); err != nil && ctx.Err() == nil {
			yield(Change{}, err)
		}
	}
}

type watch struct {
	namespace *Namespace
	prefix    string
	yield     func(Change, error) bool
	// last is the position to resume after.
	last     string
	failures int
}

// errLeft ends a watch after its loop was left.
var errLeft = errors.New("left")

func (w *watch) run(ctx context.Context) error {
	for {
		err := w.connect(ctx)
		if err == errLeft || ctx.Err() != nil {
			return nil
		}
		if err != nil && (!errors.Is(err, ErrUnavailable) || w.failures >= watchResumesMax) {
			return err
		}
		// Random, because clients that failed together would otherwise connect again together.
		delay := min(watchDelayMin<<w.failures, watchDelayMax)
		w.failures++
		select {
		case <-time.After(delay/2 + time.Duration(rand.Int63n(int64(delay)))/2):
		case <-ctx.Done():
		}
	}
}

// connect yields the changes of one connection until it ends.
func (w *watch) connect(ctx context.Context) error {
	query := url.Values{"watch": {"true"}, "prefix": {w.prefix}}
	if w.last != "" {
		query.Set("since", w.last)
	}
	ctx, quiet, done := boundSilence(ctx, watchSilenceTimeout)
	defer done()
	headers := map[string]string{"Accept": "text/event-stream"}
	asked := request{method: http.MethodGet, path: "/" + queryText(query), headers: headers}
	response, err := w.namespace.open(ctx, asked, quiet)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(audible{response.Body, quiet})
	lines.Buffer(nil, watchLineBytesMax)
	var event, data string
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case lines.Text() == "":
			if err := w.tell(event, data); err != nil {
				return err
			}
			event, data = "", ""
		case name == "id":
			w.last = value
		case name == "event":
			event = value
		case name == "data":
			data += value
		}
	}
	err = lines.Err()
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return unavailable(ctx, err)
}

func (w *watch) tell(event, data string) error {
	switch event {
	case "error":
		ended := &Error{Code: "internal", Message: "the server ended this watch"}
		if err := json.Unmarshal([]byte(data), ended); err != nil {
			ended.cause = err
		}
		return ended
	case "put", "delete", "expire":
	default:
		return nil
	}
	change := Change{Type: event, Position: w.last}
	if err := json.Unmarshal([]byte(data), &change); err != nil {
		return &Error{Code: "internal", Message: "the server sent an event that is not JSON", cause: err}
	}
	w.failures = 0
	if !w.yield(change, nil) {
		return errLeft
	}
	return nil
}
