package kvasir

import "time"

const (
	// dialTimeout bounds the wait for a connection.
	dialTimeout = 5 * time.Second
	// silenceTimeout is how long a server may send and receive nothing if the context has no deadline. It is
	// below a function's limit of 30 s, so that its code sees the error and can respond.
	silenceTimeout = 5 * time.Second
	// scanTimeoutFactor multiplies the timeout of Count and DeletePrefix, whose duration
	// depends on the number of keys.
	scanTimeoutFactor = 5
	// retries is how often a read whose connection failed, or a request that the server refused for now, is repeated.
	retries = 2
	// retryDelayMin is the first pause before a repetition. It doubles with each one, give or take a half.
	retryDelayMin = 100 * time.Millisecond
	// retryDelayMax is the longest pause, whatever the server asks for.
	retryDelayMax = 5 * time.Second
	// parallelWritesMax is how many writes of one PutMany or DeleteMany are in flight.
	parallelWritesMax = 8
	// watchSilenceTimeout is the longest silence of a watch. The server sends heartbeats more often.
	watchSilenceTimeout = time.Minute
	// watchResumesMax is how often in a row an interrupted watch connects again.
	watchResumesMax = 10
	// watchDelayMin and watchDelayMax limit the pause before that. It doubles with each failure.
	watchDelayMin = 100 * time.Millisecond
	watchDelayMax = 5 * time.Second
	// watchLineBytesMax is the longest line of a watch.
	watchLineBytesMax = 64 << 10
	// idleConnectionsMax is how many idle connections are kept for each server.
	idleConnectionsMax = 64
	// idleTimeout is how long an idle connection is kept.
	idleTimeout = 90 * time.Second
	// errorBytesMax is how much of an error response is read.
	errorBytesMax = 64 << 10
	// keyBytesMax is the longest key, in bytes of UTF-8.
	keyBytesMax = 512
	// bulkKeysMax is how many keys one bulk read takes.
	bulkKeysMax = 100
	// ttlSecondsMax is the longest TTL that fits into a time.Duration.
	ttlSecondsMax = int(1<<63-1) / int(time.Second)
	// expiryTTLSecondsMin is the shortest TTL that all APIs accept.
	expiryTTLSecondsMin = 60
	// expiryMsMin is the smallest time that KvGetWithExpiry reads as milliseconds since the epoch (in 1973).
	// Smaller numbers are seconds, written by some other program.
	expiryMsMin = 100_000_000_000
)
