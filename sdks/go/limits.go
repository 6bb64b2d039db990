package kvasir

import "time"

const (
	// dialTimeout bounds the wait for a connection.
	dialTimeout = 5 * time.Second
	// silenceTimeout is how long a server may send and take nothing when the context has no deadline. It is below the
	// 30 s that a function has, so that its code sees the error and can respond.
	silenceTimeout = 5 * time.Second
	// scanTimeoutFactor is how many times as long Count and DeletePrefix may take: they cost what they count.
	scanTimeoutFactor = 5
	// watchSilenceTimeout is the longest silence of a watch. The server sends heartbeats more often.
	watchSilenceTimeout = time.Minute
	// watchResumesMax is how often in a row a watch that was cut off connects again.
	watchResumesMax = 10
	// watchDelayMin and watchDelayMax bound the pause before that; it doubles with each failure.
	watchDelayMin = 100 * time.Millisecond
	watchDelayMax = 5 * time.Second
	// watchLineBytesMax is the longest line of a watch.
	watchLineBytesMax = 64 << 10
	// idleConnectionsMax are kept for each server while idle.
	idleConnectionsMax = 64
	// idleTimeout is how long an idle connection is kept.
	idleTimeout = 90 * time.Second
	// errorBytesMax is how much of an error response is read.
	errorBytesMax = 64 << 10
	// keyBytesMax is the longest key, in bytes of UTF-8.
	keyBytesMax = 512
	// bulkKeysMax is how many keys one bulk read takes.
	bulkKeysMax = 100
	// ttlSecondsMax is the longest TTL that a time.Duration holds.
	ttlSecondsMax = int(1<<63-1) / int(time.Second)
	// expiryTTLSecondsMin is the shortest TTL that every way to a namespace takes.
	expiryTTLSecondsMin = 60
	// expiryMsMin is the earliest time that KvGetWithExpiry takes for milliseconds since the epoch (in 1973). Smaller
	// numbers are seconds, of some other program.
	expiryMsMin = 100_000_000_000
)
