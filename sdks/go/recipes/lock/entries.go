package lock

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// ownerTTL is how long the owner of a lock that was never released is stored.
const ownerTTL = 30 * 24 * time.Hour

// entries are the two entries of a lock: its owner, whose version is the fencing token, and its deadline.
// With a single entry each renewal would change the token, and every write that checks it would conflict with
// renewals.
type entries struct {
	kv                    *kvasir.Namespace
	prefix, key, untilKey string
}

// holder is the stored holder of a lock.
type holder struct {
	owner string
	token int64
	// untilMs is in the time of the holder's clock.
	untilMs int64
	// untilVersion is zero if the deadline's entry has expired, long after the deadline.
	untilVersion int64
}

type term struct {
	owner   string
	untilMs int64
	ttl     time.Duration
}

func newEntries(kv *kvasir.Namespace, prefix, name string) (*entries, error) {
	if name == "" {
		return nil, recipe.InvalidOption("name", name, "a name that is not empty")
	}
	start, err := recipe.Key(prefix, name)
	if err != nil {
		return nil, err
	}
	if _, err = recipe.Key(prefix, name, "owner"); err != nil {
		return nil, err
	}
	return &entries{kv, start + ":", start + ":owner", start + ":until"}, nil
}

// read reads both entries in one request, so that they belong together. It returns nil if the lock is free.
func (e *entries) read(ctx context.Context) (*holder, error) {
	page, err := e.kv.List(ctx, &kvasir.ListOptions{Prefix: e.prefix, Values: true, Versions: true})
	if err != nil {
		return nil, err
	}
	var found *holder
	until := kvasir.ListedKey{}
	for _, entry := range page.Keys {
		switch entry.Name {
		case e.key:
			found = &holder{owner: entry.Value, token: entry.Version}
		case e.untilKey:
			until = entry
		}
	}
	if found != nil {
		untilMs, _ := strconv.ParseFloat(until.Value, 64)
		found.untilMs, found.untilVersion = int64(untilMs), until.Version
	}
	return found, nil
}

// take takes the lock if its holder is still the one that was seen and has not renewed it since. It returns
// the fencing token, or zero if another caller was faster.
func (e *entries) take(ctx context.Context, t term, seen *holder) (int64, error) {
	changes := e.kv.Atomic()
	switch {
	case seen == nil:
		changes.CheckAbsent(e.key)
	case seen.untilVersion == 0:
		changes.Check(e.key, seen.token).CheckAbsent(e.untilKey)
	default:
		changes.Check(e.key, seen.token).Check(e.untilKey, seen.untilVersion)
	}
	changes.Put(e.key, []byte(t.owner), &kvasir.PutOptions{TTL: ownerTTL})
	return e.write(ctx, changes, t)
}

// renew writes a new deadline. restamp also writes the owner again, which changes the fencing token. It
// returns the token, or zero if another owner has the lock.
func (e *entries) renew(ctx context.Context, token int64, t term, restamp bool) (int64, error) {
	changes := e.kv.Atomic().Check(e.key, token)
	if restamp {
		changes.Put(e.key, []byte(t.owner), &kvasir.PutOptions{TTL: ownerTTL})
	}
	version, err := e.write(ctx, changes, t)
	if version != 0 && !restamp {
		return token, err
	}
	return version, err
}

// release says whether this owner still held the lock.
func (e *entries) release(ctx context.Context, token int64) (bool, error) {
	_, err := e.kv.Atomic().Check(e.key, token).Delete(e.key).Delete(e.untilKey).Commit(ctx)
	if errors.Is(err, kvasir.ErrConditionFailed) {
		return false, nil
	}
	return err == nil, err
}

func (e *entries) write(ctx context.Context, changes *kvasir.Atomic, t term) (int64, error) {
	until := []byte(strconv.FormatInt(t.untilMs, 10))
	options := &kvasir.PutOptions{TTL: recipe.StoreTTL(t.ttl + recipe.ClockDifference)}
	version, err := changes.Put(e.untilKey, until, options).Commit(ctx)
	if errors.Is(err, kvasir.ErrConditionFailed) {
		return 0, nil
	}
	return version, err
}
