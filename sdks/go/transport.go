package kvasir

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Clients share the transport, with its connections and goroutines: a function may
// create a client for each request.
var tcpTransport = newTransport((&net.Dialer{Timeout: dialTimeout}).DialContext)

var socketTransports struct {
	mutex  sync.Mutex
	byPath map[string]*http.Transport
}

func newTransport(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	return &http.Transport{
		DialContext:         dial,
		MaxIdleConnsPerHost: idleConnectionsMax,
		IdleConnTimeout:     idleTimeout,
		TLSHandshakeTimeout: dialTimeout,
	}
}

func init() { tcpTransport.Proxy = http.ProxyFromEnvironment }

// socketTransport returns the transport for a unix socket. Transports are never removed,
// because a program uses few sockets.
func socketTransport(path string) *http.Transport {
	socketTransports.mutex.Lock()
	defer socketTransports.mutex.Unlock()
	if known := socketTransports.byPath[path]; known != nil {
		return known
	}
	made := newTransport(func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", path)
	})
	if socketTransports.byPath == nil {
		socketTransports.byPath = map[string]*http.Transport{}
	}
	socketTransports.byPath[path] = made
	return made
}

// silence ends a request if nothing was sent or received for a while.
type silence struct {
	timer *time.Timer
	after time.Duration
}

// boundSilence returns a context that ends after the silence. If the caller set a
// deadline, only the deadline applies.
func boundSilence(ctx context.Context, after time.Duration) (context.Context, *silence, context.CancelFunc) {
	if _, has := ctx.Deadline(); has || after <= 0 {
		bounded, cancel := context.WithCancel(ctx)
		return bounded, &silence{}, cancel
	}
	bounded, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(after, func() { cancel(errSilent) })
	return bounded, &silence{timer, after}, func() {
		timer.Stop()
		cancel(nil)
	}
}

func (s *silence) heard() {
	if s.timer != nil {
		s.timer.Reset(s.after)
	}
}

func (s *silence) pause() {
	if s.timer != nil {
		s.timer.Stop()
	}
}

// audible reads a body and restarts the timer of the silence at each read.
type audible struct {
	io.Reader
	silence *silence
}

func (a audible) Read(data []byte) (int, error) {
	count, err := a.Reader.Read(data)
	a.silence.heard()
	return count, err
}
