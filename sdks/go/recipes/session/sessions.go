// Package session has sessions: an unguessable id for the browser, and the data of its user in a namespace.
//
// No change is lost or brings an ended session back. The very next read after a revocation finds no session,
// in every process and language.
package session

import (
	"context"
	"errors"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// ErrNotFound matches an error for a session that does not exist, has expired or was revoked.
var ErrNotFound = errors.New("kvasir: no such session")

// ErrContended matches an error for too many concurrent changes of a session.
var ErrContended = recipe.ErrContended

const (
	idleDefault     = 24 * time.Hour
	lifetimeDefault = 30 * 24 * time.Hour
	// lastRenewalMsMin is the smallest prolongation worth a write near the end of the lifetime.
	lastRenewalMsMin = 60_000
)

// Options of sessions.
type Options struct {
	// Idle is how long an unused session lives, at least a minute, in whole seconds. Zero means a day.
	Idle time.Duration
	// Lifetime is how long a session lives after its creation or last login, even if it is used. Zero means 30
	// days, or Idle if that is longer.
	Lifetime time.Duration
	// RenewEvery is how often a session in use is prolonged at most, so that most reads write nothing. Zero
	// means a tenth of Idle, a negative value at every read.
	RenewEvery time.Duration
	// Prefix is the start of all keys, "session:" if it is empty.
	Prefix string
	// Clock is time.Now if it is nil.
	Clock func() time.Time
}

// Session is a session as it was when it was read.
type Session[Data any] struct {
	// ID is the secret in the cookie. The store has only its hash.
	ID string
	// Handle identifies the session where the id must stay secret: in a user's list of devices, in a log.
	Handle string
	// UserID is empty if no user is logged in.
	UserID  string
	Data    Data
	Created time.Time
	// Ends is when it ends even if it is used.
	Ends time.Time
	// Expires is when it ends unless it is used before.
	Expires time.Time
	// Idle is how long it may be unused.
	Idle time.Duration
	// Persistent says whether the cookie survives a restart of the browser. Nil: as the program does for all.
	Persistent *bool
	// Renewed says whether this read prolonged it. A cookie with a Max-Age then has to be sent again.
	Renewed bool
}

// Sessions are sessions whose data is of one type, stored as JSON. Goroutines may share them. If services of
// other languages change the sessions too, the type must have all their members, or be map[string]any: Update
// writes what the type holds.
type Sessions[Data any] struct {
	kv      *kvasir.Namespace
	prefix  string
	spans   spans
	renewMs int64
	nowMs   func() int64
}

// stored is a session as it was read.
type stored[Data any] struct {
	record    record[Data]
	version   int64
	expiresMs int64
}

// New returns sessions in a namespace. It sends no request.
func New[Data any](kv *kvasir.Namespace, options Options) (*Sessions[Data], error) {
	idle, err := recipe.Span("Idle", options.Idle, idleDefault, recipe.StoreTTLMin, recipe.SpanMax)
	if err != nil {
		return nil, err
	}
	longest := max(lifetimeDefault, idle)
	lifetime, err := recipe.Span("Lifetime", options.Lifetime, longest, recipe.StoreTTLMin, recipe.SpanMax)
	if err != nil {
		return nil, err
	}
	renew := options.RenewEvery
	if renew == 0 {
		renew = idle / 10
	}
	prefix := options.Prefix
	if prefix == "" {
		prefix = "session:"
	}
	return &Sessions[Data]{
		kv:      kv,
		prefix:  prefix,
		spans:   spans{idle.Milliseconds(), lifetime.Milliseconds()},
		renewMs: max(0, renew).Milliseconds(),
		nowMs:   recipe.RecoveringClock(options.Clock),
	}, nil
}

// Create creates a session. userID may be empty. Send its ID in a cookie. One request.
func (s *Sessions[Data]) Create(ctx context.Context, data Data, userID string) (*Session[Data], error) {
	return s.CreateWith(ctx, data, userID, LoginOptions{})
}

// CreateWith is Create with what a login chooses for its session.
func (s *Sessions[Data]) CreateWith(ctx context.Context, data Data, userID string, login LoginOptions) (*Session[Data], error) {
	idleMs, err := login.idleMs()
	if err != nil {
		return nil, err
	}
	now := s.nowMs()
	id := newID()
	made := record[Data]{now, now + s.spans.lifetimeOf(idleMs), idleMs, login.Persistent, userID, data}
	changes := s.kv.Atomic()
	if err := s.insert(changes, handleOf(id), made, now); err != nil {
		return nil, err
	}
	version, err := changes.Commit(ctx)
	if err != nil {
		return nil, err
	}
	return s.session(id, s.used(made, version, now)), nil
}

// Get returns the session with that id, or ErrNotFound. One request; one more if it is time to prolong it;
// none for a text that is not an id.
func (s *Sessions[Data]) Get(ctx context.Context, id string) (*Session[Data], error) {
	handle := handleOf(id)
	found, err := s.read(ctx, handle)
	if err != nil || !s.isDue(found) {
		return s.session(id, found), err
	}
	now := s.nowMs()
	key, err := s.key(handle)
	if err == nil {
		err = s.kv.Touch(ctx, key, s.ttl(found.record, now))
	}
	if errors.Is(err, kvasir.ErrNotFound) {
		return nil, notFound()
	}
	if err != nil {
		return nil, err
	}
	prolonged := s.session(id, s.used(found.record, 0, now))
	prolonged.Renewed = true
	return prolonged, nil
}

// Update changes the data of a session. change gets the stored data and returns the new data. It may run
// several times. The error is ErrNotFound if the session has ended, and then nothing was written.
func (s *Sessions[Data]) Update(ctx context.Context, id string, change func(Data) Data) (*Session[Data], error) {
	return s.change(ctx, id, func(handle string, found *stored[Data]) (*Session[Data], error) {
		changed := found.record
		changed.Data = change(changed.Data)
		text, err := changed.text()
		if err != nil {
			return nil, err
		}
		key, err := s.key(handle)
		if err != nil {
			return nil, err
		}
		now := s.nowMs()
		version, err := s.kv.PutIfVersion(ctx, key, []byte(text), found.version, &kvasir.PutOptions{TTL: s.ttl(changed, now)})
		return s.session(id, s.used(changed, version, now)), err
	})
}

// Rotate gives a session a new id and ends the old one at the same time. Do this at each login: otherwise an
// attacker who planted an id in a browser would share the session of the user who logs in there. A userID
// assigns the session to this user and restarts its lifetime. change may be nil.
func (s *Sessions[Data]) Rotate(ctx context.Context, id, userID string, change func(Data) Data) (*Session[Data], error) {
	return s.RotateWith(ctx, id, userID, change, LoginOptions{})
}

// RotateWith is Rotate with what a login chooses for its session. Without a userID there is no login.
func (s *Sessions[Data]) RotateWith(ctx context.Context, id, userID string, change func(Data) Data, login LoginOptions) (*Session[Data], error) {
	idleMs, err := login.idleMs()
	if err != nil {
		return nil, err
	}
	newID := newID()
	return s.change(ctx, id, func(handle string, found *stored[Data]) (*Session[Data], error) {
		now := s.nowMs()
		moved := found.record
		if change != nil {
			moved.Data = change(moved.Data)
		}
		if userID != "" {
			moved.UserID, moved.CreatedMs, moved.EndsMs = userID, now, now+s.spans.lifetimeOf(idleMs)
			moved.IdleMs, moved.Persistent = idleMs, login.Persistent
		}
		key, err := s.key(handle)
		if err != nil {
			return nil, err
		}
		changes := s.kv.Atomic().Check(key, found.version)
		if err := s.remove(changes, handle, found.record.UserID); err != nil {
			return nil, err
		}
		if err := s.insert(changes, handleOf(newID), moved, now); err != nil {
			return nil, err
		}
		version, err := changes.Commit(ctx)
		return s.session(newID, s.used(moved, version, now)), err
	})
}

// Revoke ends a session. A missing one is not an error.
func (s *Sessions[Data]) Revoke(ctx context.Context, id string) error {
	handle := handleOf(id)
	found, err := s.find(ctx, handle)
	if err != nil || found == nil {
		return err
	}
	changes := s.kv.Atomic()
	if err := s.remove(changes, handle, found.record.UserID); err != nil {
		return err
	}
	_, err = changes.Commit(ctx)
	return err
}

// change repeats an attempt until no other change comes first.
func (s *Sessions[Data]) change(ctx context.Context, id string, attempt func(handle string, found *stored[Data]) (*Session[Data], error)) (changed *Session[Data], err error) {
	handle := handleOf(id)
	err = recipe.UntilUncontended(ctx, "the session", func() (bool, error) {
		found, err := s.read(ctx, handle)
		if err != nil {
			return false, err
		}
		changed, err = attempt(handle, found)
		if errors.Is(err, kvasir.ErrConditionFailed) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// read returns ErrNotFound for a session past its lifetime too: the store keeps it up to a minute longer.
func (s *Sessions[Data]) read(ctx context.Context, handle string) (*stored[Data], error) {
	found, err := s.find(ctx, handle)
	if err == nil && (found == nil || s.nowMs() >= s.endMs(found.record)) {
		return nil, notFound()
	}
	return found, err
}

// find returns nil for a missing session, and for an empty handle without asking.
func (s *Sessions[Data]) find(ctx context.Context, handle string) (*stored[Data], error) {
	if handle == "" {
		return nil, nil
	}
	key, err := s.key(handle)
	if err != nil {
		return nil, err
	}
	entry, err := s.kv.GetEntry(ctx, key)
	if errors.Is(err, kvasir.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := parse[Data](string(entry.Value))
	if err != nil {
		return nil, err
	}
	expiresMs := s.endMs(found)
	if !entry.Expiration.IsZero() {
		expiresMs = min(expiresMs, entry.Expiration.UnixMilli())
	}
	return &stored[Data]{found, entry.Version, expiresMs}, nil
}

// endMs is when a session ends even if it is used.
func (s *Sessions[Data]) endMs(r record[Data]) int64 {
	return s.spans.endMs(r.CreatedMs, r.EndsMs, r.IdleMs)
}

// isDue says whether it is time to prolong the session.
func (s *Sessions[Data]) isDue(found *stored[Data]) bool {
	endMs := s.endMs(found.record)
	latestMs := min(s.nowMs()+s.spans.idleOf(found.record.IdleMs), endMs)
	lateMs := latestMs - found.expiresMs
	// The share of the idle time is the same for a session with an idle time of its own.
	enoughMs := int64(float64(s.renewMs) * float64(s.spans.idleOf(found.record.IdleMs)) / float64(s.spans.idleMs))
	if latestMs == endMs {
		// The last prolongation reaches the end of the lifetime. Without it, a session in use could end early.
		enoughMs = min(enoughMs, lastRenewalMsMin)
	}
	return lateMs > 0 && lateMs >= enoughMs
}

func (s *Sessions[Data]) insert(changes *kvasir.Atomic, handle string, made record[Data], now int64) error {
	text, err := made.text()
	if err != nil {
		return err
	}
	keys, err := s.keys(handle, made.UserID)
	if err != nil {
		return err
	}
	changes.Put(keys[0], []byte(text), &kvasir.PutOptions{TTL: s.ttl(made, now)})
	if len(keys) > 1 {
		// The index covers the whole lifetime, so that prolonging a session touches only one entry.
		ttl := recipe.StoreTTL(milliseconds(made.EndsMs-now) + indexMargin)
		changes.Put(keys[1], nil, &kvasir.PutOptions{TTL: ttl})
	}
	return nil
}

func (s *Sessions[Data]) remove(changes *kvasir.Atomic, handle, userID string) error {
	keys, err := s.keys(handle, userID)
	for _, key := range keys {
		changes.Delete(key)
	}
	return err
}

// keys are all keys of a session: its own, and with a user that in the user's index.
func (s *Sessions[Data]) keys(handle, userID string) ([]string, error) {
	own, err := s.key(handle)
	if err != nil || userID == "" {
		return []string{own}, err
	}
	indexed, err := recipe.Key(s.prefix, "user", userID, handle)
	return []string{own, indexed}, err
}

func (s *Sessions[Data]) key(handle string) (string, error) {
	return recipe.Key(s.prefix, "id", handle)
}

// ttl is the TTL of a session that is last used now.
func (s *Sessions[Data]) ttl(r record[Data], now int64) time.Duration {
	return recipe.StoreTTL(milliseconds(s.used(r, 0, now).expiresMs - now))
}

// used is a session that was used now.
func (s *Sessions[Data]) used(r record[Data], version, now int64) *stored[Data] {
	return &stored[Data]{r, version, min(now+s.spans.idleOf(r.IdleMs), s.endMs(r))}
}

func (s *Sessions[Data]) session(id string, found *stored[Data]) *Session[Data] {
	if found == nil {
		return nil
	}
	return &Session[Data]{
		ID:      id,
		Handle:  handleOf(id),
		UserID:  found.record.UserID,
		Data:    found.record.Data,
		Created: time.UnixMilli(found.record.CreatedMs),
		Ends:    time.UnixMilli(found.record.EndsMs),
		Expires: time.UnixMilli(found.expiresMs),

		Idle:       milliseconds(s.spans.idleOf(found.record.IdleMs)),
		Persistent: found.record.Persistent,
	}
}

func notFound() error {
	message := "the session does not exist, has expired or was revoked"
	return recipe.Fail(ErrNotFound, "session_not_found", message, "")
}
