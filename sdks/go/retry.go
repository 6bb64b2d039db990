package kvasir

import (
	"context"
	"errors"
	"math/rand"
	"net/http"
	"time"
)

// repeat makes attempts until one succeeds, must not be repeated, or was repeated often enough.
func (n *Namespace) repeat(ctx context.Context, r request, attempt func() error) error {
	for number := 0; ; number++ {
		err := attempt()
		if err == nil || number >= n.client.retries || ctx.Err() != nil || !isRepeatable(err, r) {
			return err
		}
		timer := time.NewTimer(retryDelay(number, err))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// isRepeatable says whether a request may be sent again. Two codes say that nothing was done. After "unavailable" that
// is only known of a read. "outcome_unknown" is never repeated. A request that timed out is not repeated either,
// because the caller would wait for a multiple of the timeout.
func isRepeatable(err error, r request) bool {
	var failed *Error
	if r.stream != nil || !errors.As(err, &failed) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	switch failed.Code {
	case "rate_limited", "request_timeout":
		return true
	case "unavailable":
		return r.safe || r.method == http.MethodGet
	}
	return false
}

// retryDelay is the pause before a repetition, after a number of others.
func retryDelay(number int, err error) time.Duration {
	var failed *Error
	if errors.As(err, &failed) && failed.RetryAfter > 0 {
		return min(failed.RetryAfter, retryDelayMax)
	}
	// Random, because clients that failed together would otherwise come back together.
	delay := retryDelayMin << number
	return min(delay/2+time.Duration(rand.Int63n(int64(delay))), retryDelayMax)
}
