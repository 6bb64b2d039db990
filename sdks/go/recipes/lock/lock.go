// Package lock has locks by name. Of several concurrent callers, in any process and language, only one gets
// the lock.
//
// A lock ends when it is released, or when its time is over because its holder died. A holder that was
// suspended for longer than its time does not know that it has lost the lock, so guard the writes that the
// lock protects:
//
//	err := locks.Do(ctx, "report", nil, func(ctx context.Context, lease *lock.Lease) error {
//		_, err := lease.Guard(kv.Atomic()).Put("report", text, nil).Commit(ctx)
//		return err
//	})
package lock

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// ErrTimeout matches an error for a lock that stayed held.
var ErrTimeout = errors.New("kvasir: the lock is held")

// ErrLost matches an error for a lock that is no longer held.
var ErrLost = errors.New("kvasir: the lock was lost")

const (
	ttlDefault  = 30 * time.Second
	ttlMax      = 24 * time.Hour
	waitDefault = 10 * time.Second
	// pauseMin is the first pause before a held lock is checked again. It doubles each time, up to pauseMax.
	pauseMin = 10 * time.Millisecond
	pauseMax = 500 * time.Millisecond
)

// Options of locks.
type Options struct {
	// TTL is the duration of a lease that is not renewed, in whole seconds, at most a day. Zero means 30 s.
	TTL time.Duration
	// Prefix is the start of all keys, "lock:" if it is empty.
	Prefix string
	// Clock is time.Now if it is nil.
	Clock func() time.Time
}

// AcquireOptions are the options of one lock. Nil means none.
type AcquireOptions struct {
	// TTL is the duration of the lease. Zero means that of the locks.
	TTL time.Duration
	// Wait is how long to wait for a lock that is held. Zero means 10 s, a negative value not at all.
	Wait time.Duration
	// Renew renews the lease until it is released. Do always does.
	Renew bool
}

// Locks are locks by name. Goroutines may share them.
type Locks struct {
	kv     *kvasir.Namespace
	ttl    time.Duration
	prefix string
	nowMs  func() (int64, error)
}

// New returns locks in a namespace. It sends no request.
func New(kv *kvasir.Namespace, options Options) (*Locks, error) {
	ttl, err := ttlOf(options.TTL, ttlDefault)
	prefix := options.Prefix
	if prefix == "" {
		prefix = "lock:"
	}
	return &Locks{kv, ttl, prefix, recipe.SteadyClock(options.Clock)}, err
}

// Acquire waits for the lock and takes it. It returns ErrTimeout if the lock stayed held. The order of
// waiting callers is not guaranteed. If a response is lost, or the context ends meanwhile, the lock may be
// held without an owner until its time is over.
func (l *Locks) Acquire(ctx context.Context, name string, options *AcquireOptions) (*Lease, error) {
	chosen := AcquireOptions{}
	if options != nil {
		chosen = *options
	}
	wait, err := recipe.Span("Wait", max(0, chosen.Wait), waitDefault, 0, ttlMax)
	if chosen.Wait < 0 {
		wait = 0
	}
	if err != nil {
		return nil, err
	}
	lease, err := l.attempt(ctx, name, chosen, wait)
	if lease == nil && err == nil {
		message := fmt.Sprintf("the lock %q was held for %v", name, wait)
		err = recipe.Fail(ErrTimeout, "lock_timeout", message, "Wait longer with Wait, or tell your caller to come again.")
	}
	return lease, err
}

// TryAcquire takes the lock if it is free. Otherwise it returns ErrTimeout at once.
func (l *Locks) TryAcquire(ctx context.Context, name string, options *AcquireOptions) (*Lease, error) {
	chosen := AcquireOptions{}
	if options != nil {
		chosen = *options
	}
	chosen.Wait = -1
	return l.Acquire(ctx, name, &chosen)
}

// Do runs work under the lock, renews it meanwhile, and releases it. The context of the work ends when the
// lock is lost. Do returns nil only if the lock was held all the time.
func (l *Locks) Do(ctx context.Context, name string, options *AcquireOptions, work func(ctx context.Context, lease *Lease) error) (err error) {
	chosen := AcquireOptions{}
	if options != nil {
		chosen = *options
	}
	chosen.Renew = false // The renewals below end the context of the work.
	lease, err := l.Acquire(ctx, name, &chosen)
	if err != nil {
		return err
	}
	working, stop := context.WithCancelCause(ctx)
	lease.stop = stop
	go lease.keep(working)
	finished := false
	defer func() {
		releasing, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
		defer cancel()
		held, releaseErr := lease.Release(releasing)
		switch {
		case err != nil || !finished: // The error of the work matters more. The lease expires by itself.
		case lease.lost != nil:
			err = lease.lost
		case releaseErr != nil:
			err = releaseErr
		case !held:
			err = lostError(name, "another owner had taken it before the work was done")
		}
	}()
	err = work(working, lease)
	finished = true
	return err
}

// attempt returns nil if the lock stayed held.
func (l *Locks) attempt(ctx context.Context, name string, options AcquireOptions, wait time.Duration) (*Lease, error) {
	ttl, err := ttlOf(options.TTL, l.ttl)
	if err != nil {
		return nil, err
	}
	entries, err := newEntries(l.kv, l.prefix, name)
	if err != nil {
		return nil, err
	}
	owner := newOwner()
	now, err := l.nowMs()
	endMs := now + wait.Milliseconds()
	// Most locks are free, so the first attempt does not read first.
	var seen *holder
	for looks := 0; err == nil; looks++ {
		if seen == nil || seen.untilMs <= now {
			taken := term{owner, now + ttl.Milliseconds(), ttl}
			token, err := takeOrFindTaken(ctx, entries, taken, seen)
			if err != nil {
				return nil, err
			}
			if token != 0 {
				return l.lease(ctx, name, entries, taken, token, options.Renew), nil
			}
		}
		if seen, err = entries.read(ctx); err != nil {
			return nil, err
		}
		if now, err = l.nowMs(); err != nil {
			return nil, err
		}
		freeMs := int64(0)
		if seen != nil {
			freeMs = max(0, seen.untilMs-now)
		}
		leftMs := endMs - now
		// Just released or expired: a caller that does not wait gets one attempt too.
		if freeMs == 0 && (leftMs > 0 || looks == 0) {
			continue
		}
		if leftMs <= 0 {
			return nil, nil
		}
		pause := min(pauseMax, pauseMin<<min(looks, 10))
		pause = pause/2 + time.Duration(mathrand.Int63n(int64(pause)))
		pause = min(pause, time.Duration(min(leftMs, freeMs))*time.Millisecond)
		if err = recipe.Sleep(ctx, pause); err == nil {
			now, err = l.nowMs()
		}
	}
	return nil, err
}

func (l *Locks) lease(ctx context.Context, name string, entries *entries, taken term, token int64, renews bool) *Lease {
	lease := &Lease{
		name:      name,
		entries:   entries,
		nowMs:     l.nowMs,
		owner:     taken.owner,
		ttl:       taken.ttl,
		token:     token,
		untilMs:   taken.untilMs,
		stampedMs: taken.untilMs - taken.ttl.Milliseconds(),
		stop:      func(error) {},
	}
	if renews {
		var kept context.Context
		kept, lease.stop = context.WithCancelCause(context.WithoutCancel(ctx))
		go lease.keep(kept)
	}
	return lease
}

// takeOrFindTaken returns the fencing token, or zero if another caller was faster.
func takeOrFindTaken(ctx context.Context, entries *entries, taken term, seen *holder) (int64, error) {
	token, err := entries.take(ctx, taken, seen)
	if !recipe.IsInDoubt(err) {
		return token, err
	}
	// The request may have been executed and its response lost. The stored owner shows it.
	if found, readErr := entries.read(ctx); readErr == nil && found != nil && found.owner == taken.owner {
		return found.token, nil
	}
	return 0, err
}

func ttlOf(ttl, byDefault time.Duration) (time.Duration, error) {
	if ttl%time.Second != 0 {
		return 0, recipe.InvalidOption("TTL", ttl.String(), "whole seconds")
	}
	return recipe.Span("TTL", ttl, byDefault, time.Second, ttlMax)
}

// newOwner returns a random UUID.
func newOwner() string {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		panic(err) // The system has no random numbers.
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
