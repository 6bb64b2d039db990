package kvasir

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A transport has connections and goroutines of its own, so clients share it: a function may well make a client for
// each request.
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

// socketTransport is the transport to a unix socket. A program uses few of them, so none is forgotten.
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

// silence ends a request when nothing was sent or received for a while.
type silence struct {
	timer *time.Timer
	after time.Duration
}

// boundSilence returns a context that ends with the silence. A deadline that the caller set counts instead.
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

// audible reads a body and tells the silence so.
type audible struct {
	io.Reader
	silence *silence
}

func (a audible) Read(data []byte) (int, error) {
	count, err := a.Reader.Read(data)
	a.silence.heard()
	return count, err
}
