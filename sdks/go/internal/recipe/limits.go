package recipe

import "time"

// Limits of all recipes. They equal those of the TypeScript recipes.
const (
	// KeyBytesMax is the longest key, in bytes of UTF-8.
	KeyBytesMax = 512
	// ClientKeyLengthMax is the longest client key that stays readable, in UTF-16 code units.
	ClientKeyLengthMax = 80
	// StoreTTLMin is the shortest TTL that all APIs accept.
	StoreTTLMin = time.Minute
	// StoreTTLMax is the longest TTL that all APIs accept: its seconds are a 32-bit integer.
	StoreTTLMax = (1<<31 - 1) * time.Second
	// SpanMax is the longest time span in options: a hundred years.
	SpanMax = 3_155_760_000 * time.Second
	// ClockDifference is how much longer than needed an entry with a deadline is stored.
	ClockDifference = time.Minute
	// clockStepBackMax is the largest step back of a clock for which the time merely stands still.
	clockStepBackMax = time.Second
	// changeAttemptsMax is how often a read-change-write is tried under contention.
	changeAttemptsMax = 50
	// changePauseMax is the longest pause between two of these attempts.
	changePauseMax = 100 * time.Millisecond
	// batchWaitersMax is how many calls of one process may wait for a change of the same entry.
	batchWaitersMax = 10_000
)
