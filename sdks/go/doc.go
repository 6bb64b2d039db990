// Package kvasir is a client of a Kvasir key-value store, and the runner of Kvasir's Go functions.
//
//	client := kvasir.New("http://127.0.0.1:8788", "")
//	sessions := client.Namespace("sessions")
//	_, err := sessions.Put(ctx, "user:1", []byte("Ada"), &kvasir.PutOptions{TTL: time.Hour})
//	value, err := sessions.Get(ctx, "user:1")
//	if errors.Is(err, kvasir.ErrNotFound) { … }
//
// It needs nothing but the standard library. A Client and a Namespace may be shared by goroutines.
package kvasir
