package session

import (
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// LoginOptions are what a login may choose for its session, as with "remember me".
type LoginOptions struct {
	// Idle is how long the session may be unused, at least a minute, in whole seconds. Zero means Options.Idle. If
	// it is longer than the lifetime of sessions, the session lives that long.
	Idle time.Duration
	// Persistent is kept with the session: whether its cookie survives a restart of the browser.
	Persistent *bool
}

func (l LoginOptions) idleMs() (int64, error) {
	if l.Idle == 0 {
		return 0, nil
	}
	idle, err := recipe.Span("Idle", l.Idle, 0, recipe.StoreTTLMin, recipe.SpanMax)
	return idle.Truncate(time.Second).Milliseconds(), err
}
