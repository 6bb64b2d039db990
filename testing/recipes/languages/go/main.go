// A process that hammers the recipes of Go. See hammer.mjs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/cache"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/flag"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/lock"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/ratelimit"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/session"
)

type job struct {
	Task, ID, Algorithm string
	Clients, Times, Ids int
	Limit               int64
}

var (
	ctx = context.Background()
	kv  *kvasir.Namespace
)

func main() {
	var given struct{ URL, Namespace, Token string }
	check(json.Unmarshal([]byte(os.Args[1]), &given))
	kv = kvasir.New(given.URL, given.Token).WithTimeout(30 * time.Second).Namespace(given.Namespace)
	tasks := map[string]func(job) any{"limit": limit, "lock": locked, "session": update, "cache": cached, "flags": flags}
	fmt.Println()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var asked job
		check(json.Unmarshal(lines.Bytes(), &asked))
		check(json.NewEncoder(os.Stdout).Encode(tasks[asked.Task](asked)))
	}
}

func limit(asked job) any {
	limiter := must(ratelimit.New(kv, ratelimit.Options{
		Limit: asked.Limit, Window: time.Hour, Algorithm: ratelimit.Algorithm(asked.Algorithm),
		Clock: func() time.Time { return time.UnixMilli(1_700_049_600_000) }, OnStoreError: ratelimit.Return,
	}))
	var allowed atomic.Int64
	every(asked.Clients, func(int) {
		for range make([]struct{}, asked.Times) {
			if must(limiter.Check(ctx, "everybody")).Allowed {
				allowed.Add(1)
			}
		}
	})
	return allowed.Load()
}

func locked(asked job) any {
	locks := must(lock.New(kv, lock.Options{}))
	var overlaps atomic.Int64
	enter := func(ctx context.Context, lease *lock.Lease) error {
		_, entered := kv.Put(ctx, "inside", []byte("go"), &kvasir.PutOptions{IfAbsent: true})
		tokens := []int64{}
		if err := kv.GetJSON(ctx, "tokens", &tokens); err != nil && !errors.Is(err, kvasir.ErrNotFound) {
			return err
		}
		must(kv.PutJSON(ctx, "tokens", append(tokens, lease.FencingToken()), nil))
		check(kv.Delete(ctx, "inside"))
		if entered != nil {
			overlaps.Add(1)
		}
		return nil
	}
	every(asked.Clients, func(int) {
		for range make([]struct{}, asked.Times) {
			check(locks.Do(ctx, "critical", &lock.AcquireOptions{Wait: time.Minute}, enter))
		}
	})
	return overlaps.Load()
}

func update(asked job) any {
	type counted struct {
		Count int64 `json:"count"`
	}
	sessions := must(session.New[counted](kv, session.Options{}))
	every(asked.Clients, func(int) {
		for range make([]struct{}, asked.Times) {
			must(sessions.Update(ctx, asked.ID, func(data counted) counted { return counted{data.Count + 1} }))
		}
	})
	return must(sessions.Get(ctx, asked.ID)).Data.Count
}

func cached(asked job) any {
	values := must(cache.New(kv, cache.Options{}))
	compute := func(ctx context.Context) (string, error) {
		number, err := kv.Increment(ctx, "computed", 1, 0)
		return fmt.Sprint("go ", number), err
	}
	results := make([]string, asked.Clients)
	every(asked.Clients, func(at int) { results[at] = must(cache.GetOrSet(ctx, values, "slow", compute)) })
	return results
}

func flags(asked job) any {
	set := must(must(flag.New(kv, flag.Options{})).Load(ctx, "new"))
	decisions := make([][]any, asked.Ids)
	for at := range decisions {
		user := flag.User{ID: fmt.Sprint("user-", at), Attributes: map[string]any{"age": at % 30}}
		made := set.Evaluate("new", user)
		decisions[at] = []any{made.Enabled, made.Variant, made.Reason, made.Rule}
	}
	return decisions
}

// every runs work in so many goroutines at once.
func every(clients int, work func(at int)) {
	var wait sync.WaitGroup
	for at := range make([]struct{}, clients) {
		wait.Add(1)
		go func(at int) {
			defer wait.Done()
			work(at)
		}(at)
	}
	wait.Wait()
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
