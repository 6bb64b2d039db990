package recipe

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"sync"
	"time"
)

// ErrContended matches an error for too many concurrent changes of the same entry. Nothing was changed.
var ErrContended = errors.New("kvasir: others changed the entry at every attempt")

// Sleep waits, or returns the error of the context.
func Sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// UntilUncontended repeats an attempt until it is done. It returns ErrContended after too many of them.
func UntilUncontended(ctx context.Context, subject string, attempt func() (done bool, err error)) error {
	for number := 1; number <= changeAttemptsMax; number++ {
		if done, err := attempt(); done || err != nil {
			return err
		}
		// Random, because callers that collided would otherwise collide again.
		pause := min(changePauseMax, time.Millisecond<<min(number, 10))
		if err := Sleep(ctx, time.Duration(rand.Int63n(int64(pause)))); err != nil {
			return err
		}
	}
	message := fmt.Sprintf("others changed %s at each of %d attempts", subject, changeAttemptsMax)
	return Fail(ErrContended, "contended", message, "Try again later, or spread the writes over more keys.")
}

// Batches collects the items that arrive while a batch is in flight, and runs all of them as the next batch.
// So a process with many callers causes no more contention with other processes than one with a single
// caller.
type Batches[Item, Result any] struct {
	// Run returns one result for each item, in their order.
	Run func(ctx context.Context, items []Item) ([]Result, error)
	// SizeMax is the most items of one batch.
	SizeMax int

	mutex   sync.Mutex
	waiting []*waiter[Item, Result]
	running bool
}

type waiter[Item, Result any] struct {
	item Item
	done chan outcome[Result]
}

type outcome[Result any] struct {
	result Result
	err    error
}

// Add runs an item together with others and returns its result.
func (b *Batches[Item, Result]) Add(ctx context.Context, item Item) (Result, error) {
	own := &waiter[Item, Result]{item: item, done: make(chan outcome[Result], 1)}
	var none Result
	b.mutex.Lock()
	if len(b.waiting) >= batchWaitersMax {
		b.mutex.Unlock()
		message := fmt.Sprintf("%d calls wait for the same entry already", batchWaitersMax)
		return none, Fail(ErrContended, "contended", message, "Try again later: the store does not keep up.")
	}
	b.waiting = append(b.waiting, own)
	if !b.running {
		b.running = true
		// The batches serve other callers too, so they outlive the context of the first one.
		go b.drain(context.WithoutCancel(ctx))
	}
	b.mutex.Unlock()
	select {
	case told := <-own.done:
		return told.result, told.err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// Idle says whether nothing is in flight and nothing waits.
func (b *Batches[Item, Result]) Idle() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return !b.running
}

func (b *Batches[Item, Result]) drain(ctx context.Context) {
	for {
		b.mutex.Lock()
		batch := b.waiting[:min(len(b.waiting), b.SizeMax)]
		b.waiting = b.waiting[len(batch):]
		if len(batch) == 0 {
			b.running = false
			b.mutex.Unlock()
			return
		}
		b.mutex.Unlock()
		items := make([]Item, len(batch))
		for at, each := range batch {
			items[at] = each.item
		}
		results, err := b.Run(ctx, items)
		for at, each := range batch {
			if err != nil {
				each.done <- outcome[Result]{err: err}
			} else {
				each.done <- outcome[Result]{result: results[at]}
			}
		}
	}
}
