package cache

import (
	"context"
	"errors"
	"math/rand"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

const (
	// leasesWaitedMax is for how many leases of other callers a caller waits before it computes itself.
	leasesWaitedMax = 2
	// failuresSharedMax is for how many failed computations of other callers a caller waits before it fails too.
	failuresSharedMax = 2
	// pollMin is the first pause of a caller that waits for another process. It doubles each time, up to
	// pollMax.
	pollMin = 5 * time.Millisecond
	pollMax = 250 * time.Millisecond
	// storeTimeout bounds the requests after a computation whose context has ended.
	storeTimeout = 5 * time.Second
)

// computing runs a computation and returns its content.
type computing func(ctx context.Context) (content, error)

// landed is the result of a computation in flight.
type landed struct {
	payload string
	// entry is one that another process has stored meanwhile. Nil for a value that was computed here.
	entry *entry
	err   error
	// retry says that another process took the lease first.
	retry bool
}

// flight is a computation in flight in this process.
type flight struct {
	done chan struct{}
	// result is set before done is closed.
	result landed
	tags   tagVersions
	// untilMs: callers do not wait beyond this time, because the computation may hang.
	untilMs int64
	// begunAt is a moment before which no invalidation can have been missed. Zero until the computation begins.
	begunAt int64
	owner   string
}

// obtain looks up a value and computes it once if it is missing. Within a process callers wait for the first
// one. Between processes a lease in the store decides which process computes. The others poll until the entry
// exists, or until the lease expires because its owner died or hangs. A result is stored only while the lease
// still belongs to its owner.
func (c *Cache) obtain(ctx context.Context, k keys, compute computing) (status Status, value landed, err error) {
	givesUpAtMs := c.nowMs() + leasesWaitedMax*c.options.Lease.Milliseconds()
	failures := 0
	for pauses := 0; ; pauses++ {
		lookedAt := c.moment()
		seen, err := c.find(ctx, k)
		if err != nil {
			return Miss, landed{}, err
		}
		if seen.entry != nil {
			fresh := float64(c.nowMs()) < seen.entry.freshMs
			if fresh || seen.entry.failed {
				return Hit, landed{payload: seen.entry.payload, entry: seen.entry}, nil
			}
			c.refresh(ctx, k, seen, compute)
			return Stale, landed{payload: seen.entry.payload, entry: seen.entry}, nil
		}
		shared, own := c.joinOrLead(k, lookedAt, seen)
		if own != nil {
			c.lead(ctx, own, k, seen, compute, c.options.FailureTTL.Milliseconds())
			if !own.result.retry {
				return Miss, own.result, own.result.err
			}
		} else if shared != nil {
			switch value, err := c.wait(ctx, shared); {
			case err != nil:
				return Miss, landed{}, err
			case value.err != nil:
				if failures++; failures >= failuresSharedMax {
					return Miss, value, value.err
				}
				continue
			case !value.retry:
				return Miss, value, nil
			}
		}
		if c.nowMs() >= givesUpAtMs {
			// Computing twice is better than waiting forever.
			made, err := compute(ctx)
			return Miss, landed{payload: made.payload}, err
		}
		pause := min(pollMax, pollMin<<min(pauses, 10))
		if err := recipe.Sleep(ctx, pause/2+time.Duration(rand.Int63n(int64(pause)))); err != nil {
			return Miss, landed{}, err
		}
	}
}

// joinOrLead returns a flight to wait for, or a new one to lead, or neither if another process computes.
func (c *Cache) joinOrLead(k keys, lookedAt int64, seen *found) (shared, own *flight) {
	now := c.nowMs()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if inFlight := c.flights[k.entry]; inFlight != nil && now < inFlight.untilMs {
		// A caller may wait only for a result that cannot be older than an invalidation which had ended before.
		beginsLater := inFlight.begunAt == 0 || lookedAt < inFlight.begunAt
		stillWanted := seen.lease != nil && seen.lease.Owner == inFlight.owner
		for tag, version := range seen.tags {
			stillWanted = stillWanted && same(version, inFlight.tags[tag])
		}
		if beginsLater || stillWanted {
			return inFlight, nil
		}
	}
	if !c.isFree(seen.lease) {
		return nil, nil
	}
	return nil, c.add(k, seen, now)
}

// add needs the mutex.
func (c *Cache) add(k keys, seen *found, now int64) *flight {
	added := &flight{done: make(chan struct{}), tags: seen.tags, untilMs: now + c.options.Lease.Milliseconds()}
	c.flights[k.entry] = added
	return added
}

// wait returns a retry if the computation outlives its lease, so that another one can replace it.
func (c *Cache) wait(ctx context.Context, shared *flight) (landed, error) {
	late := time.NewTimer(time.Duration(shared.untilMs-c.nowMs()) * time.Millisecond)
	defer late.Stop()
	select {
	case <-shared.done:
		return shared.result, nil
	case <-late.C:
		return landed{retry: true}, nil
	case <-ctx.Done():
		return landed{}, context.Cause(ctx)
	}
}

// refresh replaces a stale entry in the background, unless another caller is doing that.
func (c *Cache) refresh(ctx context.Context, k keys, seen *found, compute computing) {
	now := c.nowMs()
	c.mutex.Lock()
	inFlight := c.flights[k.entry]
	busy := (inFlight != nil && now < inFlight.untilMs) || !c.isFree(seen.lease)
	var own *flight
	if !busy {
		own = c.add(k, seen, now)
	}
	c.mutex.Unlock()
	if own == nil {
		return
	}
	go func() {
		// Failures are not stored, because the stale entry is better.
		c.lead(context.WithoutCancel(ctx), own, k, seen, compute, 0)
		if own.result.err != nil {
			c.tell(own.result.err, k)
		}
	}()
}

// lead computes, and sets the result of the flight.
func (c *Cache) lead(ctx context.Context, own *flight, k keys, seen *found, compute computing, failureMs int64) {
	// After a panic of the computation the others try again.
	own.result = landed{retry: true}
	defer func() {
		c.mutex.Lock()
		if c.flights[k.entry] == own {
			delete(c.flights, k.entry)
		}
		c.mutex.Unlock()
		close(own.done)
	}()
	own.result = c.computeOnce(ctx, own, k, seen, compute, failureMs)
}

func (c *Cache) computeOnce(ctx context.Context, own *flight, k keys, seen *found, compute computing, failureMs int64) (result landed) {
	held, err := c.takeLease(ctx, k, seen)
	if err != nil || held == nil {
		return landed{err: err, retry: err == nil}
	}
	c.mutex.Lock()
	// The computation reads its data from here on. Callers that join later must know of all invalidations since.
	c.moments++
	own.owner, own.begunAt = held.owner, c.moments
	c.mutex.Unlock()
	began := c.nowMs()
	tags := seen.tags
	var made *entry
	defer func() {
		storing, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
		defer cancel()
		// Always releases the lease. If storing fails, callers still get the value.
		if err := c.store(storing, k, held, made); err != nil {
			c.tell(err, k)
			if !recipe.IsTrouble(err) {
				_ = c.store(storing, k, held, nil)
			}
		}
	}()
	if !seen.absent {
		again, err := c.find(ctx, k)
		if err != nil {
			return landed{err: err}
		}
		if again.entry != nil && (seen.entry == nil || again.entry.atMs != seen.entry.atMs) {
			return landed{payload: again.entry.payload, entry: again.entry}
		}
		tags = again.tags
	}
	bounded, cancel := context.WithTimeoutCause(ctx, c.options.Lease, errTooLong)
	defer cancel()
	computed, err := compute(bounded)
	now := c.nowMs()
	if err != nil {
		// An interruption of this caller is not a failure of the computation.
		if ctx.Err() == nil {
			made = entryOf(content{payload: err.Error(), freshMs: failureMs, failed: true}, now, now-began, tags)
			return landed{err: err}
		}
		return landed{err: errors.Join(context.Cause(ctx), err)}
	}
	made = entryOf(computed, now, now-began, tags)
	return landed{payload: computed.payload}
}

func (c *Cache) isFree(seen *lease) bool { return seen == nil || float64(c.nowMs()) >= seen.UntilMs }

// moment is the next moment of a logical clock of this process.
func (c *Cache) moment() int64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.moments++
	return c.moments
}
