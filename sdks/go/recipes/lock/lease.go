package lock

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// renewPauseMin is the shortest pause before a renewal.
const renewPauseMin = 100 * time.Millisecond

// releaseTimeout bounds a release after the context of the work has ended.
const releaseTimeout = 5 * time.Second

// Lease is a lock that is held. Goroutines may share it.
type Lease struct {
	name    string
	entries *entries
	nowMs   func() (int64, error)
	owner   string
	ttl     time.Duration

	mutex     sync.Mutex
	token     int64
	untilMs   int64
	stampedMs int64
	isOver    bool
	held      bool
	lost      error
	// stop ends the renewals and the context of the work.
	stop context.CancelCauseFunc
}

// Key is the key of the entry whose version is the fencing token.
func (l *Lease) Key() string { return l.entries.key }

// FencingToken is greater than the token of any earlier owner of any lock in this namespace. Pass it to
// systems that must reject a former owner. It stays the same while the lock is held, except that it grows
// every fifteen days.
func (l *Lease) FencingToken() int64 {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.token
}

// Until is when the lease ends unless it is renewed, by this process's clock.
func (l *Lease) Until() time.Time {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return time.UnixMilli(l.untilMs)
}

// Err returns ErrLost once the lock is known to be lost. Long work outside of Do looks at it from time to
// time.
func (l *Lease) Err() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.lost
}

// Guard makes a commit fail with kvasir.ErrConditionFailed unless this owner still holds the lock. The lock
// must be in the namespace of the data. Only this stops an owner that was suspended: a program cannot foresee
// its suspension.
func (l *Lease) Guard(changes *kvasir.Atomic) *kvasir.Atomic {
	return changes.Check(l.entries.key, l.FencingToken())
}

// Renew restarts the lease's time. It returns ErrLost if another owner has the lock.
func (l *Lease) Renew(ctx context.Context) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.lost != nil {
		return l.lost
	}
	if l.isOver {
		return lostError(l.name, "it was released")
	}
	now, err := l.nowMs()
	if err != nil {
		return err
	}
	// Based on the time before the request: the store may execute it before the response arrives.
	next := term{l.owner, now + l.ttl.Milliseconds(), l.ttl}
	restamp := now-l.stampedMs > ownerTTL.Milliseconds()/2
	token, err := l.entries.renew(ctx, l.token, next, restamp)
	if err != nil {
		return err
	}
	if token == 0 {
		return l.lose("another owner has taken it")
	}
	l.token, l.untilMs = token, next.untilMs
	if restamp {
		l.stampedMs = now
	}
	return nil
}

// Release releases the lock and says whether this owner still held it. Further calls return the same.
func (l *Lease) Release(ctx context.Context) (bool, error) {
	l.stop(nil)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.isOver {
		return l.held, nil
	}
	l.isOver = true
	held, err := l.entries.release(ctx, l.token)
	if recipe.IsInDoubt(err) && ctx.Err() == nil {
		// Only the response may have been lost. Then nothing is left to release, and before the deadline nobody
		// else can have taken the lock. After the deadline the outcome is unknown.
		if held, err = l.entries.release(ctx, l.token); err == nil && !held {
			now, clockErr := l.nowMs()
			held = clockErr == nil && now < l.untilMs
		}
	}
	l.held = held
	return held, err
}

// lose needs the mutex.
func (l *Lease) lose(why string) error {
	if l.lost == nil && !l.isOver {
		l.lost = lostError(l.name, why)
		l.stop(l.lost)
	}
	return l.lost
}

// keep renews the lease, each time after a third of the remaining time, until the context ends or the lease
// is lost.
func (l *Lease) keep(ctx context.Context) {
	for {
		l.mutex.Lock()
		now, err := l.nowMs()
		left := time.Duration(l.untilMs-now) * time.Millisecond
		if err != nil || left <= 0 {
			l.lose("it ran out before it could be renewed")
		}
		l.mutex.Unlock()
		if recipe.Sleep(ctx, max(renewPauseMin, left/3)) != nil {
			return
		}
		// A renewal must not take longer than the lease.
		bounded, cancel := context.WithTimeout(ctx, max(renewPauseMin, left-left/3))
		err = l.Renew(bounded)
		cancel()
		if err != nil && !recipe.IsInDoubt(err) && ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
			l.mutex.Lock()
			l.lose("it could not be renewed: " + err.Error())
			l.mutex.Unlock()
		}
	}
}

func lostError(name, why string) error {
	return recipe.Fail(ErrLost, "lock_lost", fmt.Sprintf("the lock %q is no longer held: %s", name, why),
		"Stop the work and start it again under a new lock. Guard its writes with Lease.Guard.")
}
