package recipe

import (
	"fmt"
	"sync"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

// Clock tells the time. Nil options mean time.Now. It may be used by goroutines.
type Clock func() time.Time

// RecoveringClock returns milliseconds since the epoch. If the clock steps back, the time stands still for at
// most a second and then continues from the new time: a program must not stop because its clock was wrong
// before.
func RecoveringClock(clock Clock) func() int64 {
	var mutex sync.Mutex
	var latest, steppedBackTo int64
	isBack := false
	return func() int64 {
		now := read(clock)
		mutex.Lock()
		defer mutex.Unlock()
		if now < latest {
			if !isBack || now < steppedBackTo {
				isBack, steppedBackTo = true, now
			}
			if now-steppedBackTo < clockStepBackMax.Milliseconds() {
				return latest
			}
		}
		isBack, latest = false, now
		return now
	}
}

// SteadyClock returns milliseconds since the epoch, which never go back. A large step back is the error
// "clock_backwards": a holder of a lock with such a clock cannot tell whether it still holds it.
func SteadyClock(clock Clock) func() (int64, error) {
	var mutex sync.Mutex
	var latest int64
	return func() (int64, error) {
		now := read(clock)
		mutex.Lock()
		defer mutex.Unlock()
		if latest-now > clockStepBackMax.Milliseconds() {
			return 0, &kvasir.Error{
				Code:    "clock_backwards",
				Message: fmt.Sprintf("the clock went back by %d ms", latest-now),
				Hint:    "Correct this machine's clock. If its new time is right, start the process again.",
			}
		}
		latest = max(latest, now)
		return latest, nil
	}
}

func read(clock Clock) int64 {
	if clock == nil {
		return time.Now().UnixMilli()
	}
	return clock().UnixMilli()
}
