package kvasir_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

// answers starts a server that answers one request after the other with an error code, "" for success, or "cut" for
// a connection that breaks. It returns the client and a function that counts the requests.
func answers(t *testing.T, codes ...string) (*kvasir.Client, func() int) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		code := codes[min(requests, len(codes)-1)]
		requests++
		switch code {
		case "":
			fmt.Fprint(w, `{"count":1,"value":1,"version":1}`)
		case "cut":
			connection, _, _ := http.NewResponseController(w).Hijack()
			connection.Close()
		default:
			status := map[string]int{"rate_limited": 429, "storage_full": 507}[code]
			w.WriteHeader(max(status, 503*(1-min(status, 1))))
			fmt.Fprintf(w, `{"error":{"code":%q,"message":"m"}}`, code)
		}
	}))
	t.Cleanup(server.Close)
	return kvasir.New(server.URL, ""), func() int { return requests }
}

func TestReadsAreSentAgainAndWritesOnlyIfTheServerRefusedThem(t *testing.T) {
	reads := map[string]func(*kvasir.Namespace) error{
		"get":   func(kv *kvasir.Namespace) error { return second(kv.Get(ctx, "k")) },
		"count": func(kv *kvasir.Namespace) error { return second(kv.Count(ctx, "")) },
	}
	writes := map[string]func(*kvasir.Namespace) error{
		"put":       func(kv *kvasir.Namespace) error { return second(kv.Put(ctx, "k", nil, nil)) },
		"delete":    func(kv *kvasir.Namespace) error { return kv.Delete(ctx, "k") },
		"increment": func(kv *kvasir.Namespace) error { return second(kv.Increment(ctx, "k", 1, 0)) },
		"atomic":    func(kv *kvasir.Namespace) error { return second(kv.Atomic().Delete("k").Commit(ctx)) },
	}
	for name, read := range reads {
		client, requests := answers(t, "cut", "unavailable", "")
		if err := read(client.Namespace("n")); err != nil || requests() != 3 {
			t.Error(name, err, requests())
		}
	}
	for name, write := range writes {
		for code, kind := range map[string]error{
			"cut": kvasir.ErrUnavailable, "unavailable": kvasir.ErrUnavailable,
			"outcome_unknown": kvasir.ErrOutcomeUnknown, "storage_full": kvasir.ErrStorage,
		} {
			client, requests := answers(t, code, "")
			if err := write(client.Namespace("n")); !errors.Is(err, kind) || requests() != 1 {
				t.Error(name, code, err, requests())
			}
		}
		client, requests := answers(t, "rate_limited", "")
		if err := write(client.Namespace("n")); err != nil || requests() != 2 {
			t.Error(name, err, requests())
		}
	}
}

func TestRepetitionsEnd(t *testing.T) {
	client, requests := answers(t, "rate_limited")
	if err := second(client.Namespace("n").Get(ctx, "k")); !errors.Is(err, kvasir.ErrRateLimited) || requests() != 3 {
		t.Error(err, requests())
	}
	client, requests = answers(t, "rate_limited")
	if err := second(client.WithRetries(0).Namespace("n").Get(ctx, "k")); err == nil || requests() != 1 {
		t.Error(err, requests())
	}
	client, requests = answers(t, "rate_limited")
	if err := second(client.Namespace("n").PutStream(ctx, "k", strings.NewReader("v"), nil)); err == nil || requests() != 1 {
		t.Error(err, requests())
	}
	client, requests = answers(t, "unavailable")
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if err := second(client.WithRetries(1000).Namespace("n").Get(short, "k")); err == nil || requests() > 2 {
		t.Error(err, requests())
	}
}
