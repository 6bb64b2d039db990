package kvasir_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

func TestNamespacesOfTheEnvironmentShareTheirConnections(t *testing.T) {
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("value"))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	socket := t.TempDir() + "/socket"
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Config.Serve(listener) }()
	for name, variables := range map[string]map[string]string{
		"server":   {"KVASIR_URL": server.URL},
		"function": {"KVASIR_FUNCTIONS_ENDPOINT": strings.TrimPrefix(server.URL, "http://")},
		"socket":   {"KVASIR_FUNCTIONS_ENDPOINT": "unix:" + socket},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range variables {
				t.Setenv(variable, value)
			}
			before := connections.Load()
			for i := 0; i < 100; i++ {
				kv := must(kvasir.NamespaceFromEnvironment("id"))
				if value := must(kv.Get(ctx, "key")); string(value) != "value" {
					t.Fatalf("%q", value)
				}
			}
			if made := connections.Load() - before; made > 1 {
				t.Errorf("%d connections", made)
			}
		})
	}
}

// stalled starts a server that never responds, or stops after a piece.
func stalled(t *testing.T, piece string) string {
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if piece != "" {
			_, _ = w.Write([]byte(piece))
			_ = http.NewResponseController(w).Flush()
		}
		select {
		case <-gone:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() {
		close(gone)
		server.Close()
	})
	return server.URL
}

func TestAServerThatStallsIsAnErrorAfterTheTimeout(t *testing.T) {
	for _, piece := range []string{"", "half"} {
		kv := kvasir.New(stalled(t, piece), "").WithTimeout(50 * time.Millisecond).Namespace("id")
		for name, err := range map[string]error{
			"get":   second(kv.Get(ctx, "key")),
			"put":   second(kv.Put(ctx, "key", []byte("value"), nil)),
			"count": second(kv.Count(ctx, "")),
		} {
			if !errors.Is(err, kvasir.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
				t.Error(name, err)
			}
			if !strings.Contains(err.Error(), "WithTimeout") {
				t.Error("no word of what to do:", err)
			}
		}
	}
}

func TestTheDeadlineOfAContextCounts(t *testing.T) {
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	kv := kvasir.New(stalled(t, ""), "").Namespace("id")
	if _, err := kv.Get(short, "key"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	long, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := kvasir.New(stalled(t, ""), "").WithTimeout(time.Millisecond).Namespace("id").Get(long, "key"); err == nil {
		t.Error("no error")
	}
	if time.Since(begun) < 300*time.Millisecond {
		t.Error("the silence ended it, although the context allowed more")
	}
}

func TestHelpersDoNotWaitForALongTime(t *testing.T) {
	t.Setenv("KVASIR_URL", stalled(t, ""))
	t.Setenv("KV_NAMESPACE_ID", "id")
	begun := time.Now()
	kv := must(kvasir.NamespaceFromEnvironment(""))
	if _, err := kv.Get(ctx, "key"); !errors.Is(err, kvasir.ErrUnavailable) {
		t.Error(err)
	}
	// A function has a limit of 30 s.
	if took := time.Since(begun); took > 10*time.Second {
		t.Error(took)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Error("asked elsewhere, with", r.Header)
	}))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	if _, err := kvasir.New(server.URL, "token").Namespace("id").Get(ctx, "key"); err == nil {
		t.Error("no error")
	}
}

func TestIdsMayHaveTheFormOfAUUID(t *testing.T) {
	kv, id := newNamespace(t)
	must(kv.Put(ctx, "key", []byte("value"), nil))
	uuid := strings.ToUpper(id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:])
	if value := must(kvasir.New(apiURL, "").Namespace(uuid).Get(ctx, "key")); string(value) != "value" {
		t.Errorf("%q", value)
	}
}

func TestErrorsAreFoundByKind(t *testing.T) {
	_, _ = newNamespace(t)
	for wanted, err := range map[error]error{
		kvasir.ErrNamespaceNotFound: second(kvasir.New(apiURL, "").Namespace("nowhere").Get(ctx, "key")),
		kvasir.ErrUnavailable:       second(kvasir.New("http://127.0.0.1:9", "").Namespace("x").Get(ctx, "key")),
	} {
		if !errors.Is(err, wanted) || errors.Is(err, kvasir.ErrNotFound) {
			t.Error(wanted, err)
		}
	}
}

func TestHelpersEndWithTheirContext(t *testing.T) {
	t.Setenv("KVASIR_URL", stalled(t, ""))
	t.Setenv("KV_NAMESPACE_ID", "id")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	for name, err := range map[string]error{
		"get":             second(kvasir.KvGetContext(ended, "k")),
		"put":             kvasir.KvPutContext(ended, "k", "v"),
		"delete":          kvasir.KvDeleteContext(ended, "k"),
		"list":            second(kvasir.KvListContext(ended, "")),
		"get with expiry": second(kvasir.KvGetWithExpiryContext(ended, "k")),
		"put with expiry": kvasir.KvPutWithExpiryContext(ended, "k", "v", 1),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Error(name, err)
		}
	}
}
