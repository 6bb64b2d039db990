package kvasir

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// drainTimeout is how long requests in flight may take to finish after SIGTERM.
// Kvasir itself waits a little less.
const drainTimeout = 4500 * time.Millisecond

// ServeFunction serves the handler of a function: an http.Handler, or a func(http.ResponseWriter, *http.Request).
// Kvasir's own main calls it.
func ServeFunction(handler any) {
	switch handler := handler.(type) {
	case http.Handler:
		Serve(handler.ServeHTTP)
	case func(http.ResponseWriter, *http.Request):
		Serve(handler)
	default:
		message := fmt.Sprintf("handler is a %T: it must be func(w http.ResponseWriter, r *http.Request), or an http.Handler",
			handler)
		openControl().tell(map[string]any{"event": "failed", "message": message})
		os.Exit(1)
	}
}

// Serve serves requests with a handler until SIGTERM. `kvasir dev` and `kvasir serve` pass the socket.
// Otherwise it listens on the port in PORT, or on 8080.
func Serve(handler http.HandlerFunc) {
	control := openControl()
	listener, err := listen()
	if err != nil {
		control.tell(map[string]any{"event": "failed", "message": err.Error()})
		os.Exit(1)
	}
	function := &function{handler: handler, control: control, showsErrors: os.Getenv("KVASIR_MODE") == "dev"}
	server := &http.Server{Handler: function, ReadHeaderTimeout: time.Minute}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	control.listen(function, stop)
	go func() {
		control.tell(map[string]any{"event": "ready"})
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	<-stop
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	_ = server.Shutdown(ctx)
}

// function wraps the user's handler and reports its errors.
type function struct {
	handler     http.HandlerFunc
	control     *control
	showsErrors bool
	running     sync.Map
	number      atomic.Int64
}

func (f *function) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := f.number.Add(1)
	f.running.Store(id, r.Context())
	defer f.running.Delete(id)
	// Responses may begin before requests end. Otherwise the server reads the whole body first.
	_ = http.NewResponseController(w).EnableFullDuplex()
	tracked := &startedWriter{ResponseWriter: w}
	defer func() {
		reason := recover()
		if reason == nil {
			return
		}
		if reason == http.ErrAbortHandler {
			panic(reason)
		}
		stack := ownStack(fmt.Sprint(reason), debug.Stack())
		told := map[string]any{"event": "error", "message": "panic: " + fmt.Sprint(reason), "stack": stack}
		if id := r.Header.Get("X-Request-Id"); id != "" {
			told["request"] = id
		}
		f.control.tell(told)
		if tracked.started {
			// The client must not mistake a partial response for a complete one.
			panic(http.ErrAbortHandler)
		}
		if !f.showsErrors {
			stack = "Internal Server Error"
		}
		http.Error(w, stack, http.StatusInternalServerError)
	}()
	f.handler(tracked, r)
}

// counts returns the number of running calls, and of those whose client has disconnected.
func (f *function) counts() (requests, abandoned int) {
	f.running.Range(func(_, ctx any) bool {
		requests++
		if ctx.(context.Context).Err() != nil {
			abandoned++
		}
		return true
	})
	return requests, abandoned
}

// startedWriter records whether a response has begun.
type startedWriter struct {
	http.ResponseWriter
	started bool
}

func (w *startedWriter) WriteHeader(status int) {
	w.started = w.started || status >= 200
	w.ResponseWriter.WriteHeader(status)
}

func (w *startedWriter) Write(data []byte) (int, error) {
	w.started = true
	return w.ResponseWriter.Write(data)
}

// Flush supports handlers that use http.Flusher to stream.
func (w *startedWriter) Flush() {
	w.started = true
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap supports http.ResponseController.
func (w *startedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// ownPackage is the path under which the program imports this package.
var ownPackage = reflect.TypeOf(function{}).PkgPath()

// ownStack removes the frames of the recovery and of the server, and keeps those of the handler.
func ownStack(reason string, stack []byte) string {
	lines := strings.Split(strings.TrimSpace(string(stack)), "\n")
	kept := []string{"panic: " + reason}
	inside := false
	for at := 1; at+1 < len(lines); at += 2 {
		name, place := lines[at], lines[at+1]
		switch {
		case strings.HasPrefix(name, "panic("):
			kept, inside = kept[:1], true
		case strings.HasPrefix(name, ownPackage+".(*function).ServeHTTP"):
			inside = false
		case inside && !strings.HasPrefix(name, "runtime."):
			kept = append(kept, "    at "+strings.TrimSpace(withoutOffset(place))+" in "+withoutArguments(name))
		}
	}
	return strings.Join(kept, "\n")
}

func withoutOffset(place string) string {
	before, _, _ := strings.Cut(place, " +0x")
	return before
}

func withoutArguments(name string) string {
	if at := strings.LastIndex(name, "("); at > 0 {
		return name[:at]
	}
	return name
}
