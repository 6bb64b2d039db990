package cache

import (
	"context"
	"errors"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// found is the result of looking up a key.
type found struct {
	// entry is nil if there is none, if it has expired, or if one of its tags was invalidated.
	entry *entry
	// absent says that there was no entry at all, valid or not.
	absent bool
	lease  *lease
	tags   tagVersions
}

// heldLease is a lease of this caller. Its result is stored only if the lease still has this version.
type heldLease struct {
	owner   string
	version int64
}

// find reads the entry, its lease and its tags in one request. A second one is needed if the entry has tags
// that the caller does not know.
func (c *Cache) find(ctx context.Context, k keys) (*found, error) {
	asked := []string{k.entry, k.lease}
	for _, key := range k.tags {
		asked = append(asked, key)
	}
	texts, err := c.kv.GetMany(ctx, asked)
	if err != nil {
		return nil, err
	}
	seen := &found{lease: parseLease(texts[k.lease]), tags: tagVersions{}}
	for tag, key := range k.tags {
		seen.tags[tag] = versionIn(texts, key)
	}
	text, exists := texts[k.entry]
	seen.absent = !exists
	read := parseEntry(text)
	if read == nil || float64(c.nowMs()) >= read.staleMs {
		return seen, nil
	}
	stands, err := c.stands(ctx, read, seen.tags)
	if stands {
		seen.entry = read
	}
	return seen, err
}

// stands says whether the entry has all tags of the caller, and none of its tags was invalidated.
func (c *Cache) stands(ctx context.Context, read *entry, known tagVersions) (bool, error) {
	for tag, version := range known {
		if own, exists := read.tags[tag]; !exists || !same(own, version) {
			return false, nil
		}
	}
	others := map[string]string{}
	asked := []string{}
	for tag := range read.tags {
		if _, isKnown := known[tag]; !isKnown {
			// A tag of the TypeScript cache may begin with NUL and has another key. Such entries are not ours.
			key, err := tagKey(c.options.Prefix, tag)
			if err != nil {
				return false, nil
			}
			others[tag] = key
			asked = append(asked, key)
		}
	}
	if len(asked) == 0 {
		return true, nil
	}
	texts, err := c.kv.GetMany(ctx, asked)
	for tag, key := range others {
		if !same(read.tags[tag], versionIn(texts, key)) {
			return false, err
		}
	}
	return err == nil, err
}

// takeLease takes a lease that is free or has expired. It returns nil if another caller was faster.
func (c *Cache) takeLease(ctx context.Context, k keys, seen *found) (*heldLease, error) {
	changes := c.kv.Atomic()
	ranOut := int64(0)
	if seen.lease != nil {
		there, err := c.kv.GetEntry(ctx, k.lease)
		if err != nil && !errors.Is(err, kvasir.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			if holder := parseLease(there.Value); holder == nil || holder.Owner != seen.lease.Owner {
				return nil, nil
			}
			ranOut = there.Version
		}
	}
	if ranOut == 0 {
		changes.CheckAbsent(k.lease)
	} else {
		changes.Check(k.lease, ranOut)
	}
	// Otherwise a caller whose lookup came before the entry would take the lease that was released after it.
	if seen.absent {
		changes.CheckAbsent(k.entry)
	}
	own := lease{newVersion(), float64(c.nowMs() + c.options.Lease.Milliseconds())}
	text, err := recipe.JSON(own, "the lease")
	if err != nil {
		return nil, err
	}
	ttl := recipe.StoreTTL(c.options.Lease + recipe.ClockDifference)
	version, err := changes.Put(k.lease, []byte(text), &kvasir.PutOptions{TTL: ttl}).Commit(ctx)
	if errors.Is(err, kvasir.ErrConditionFailed) {
		return nil, nil
	}
	return &heldLease{own.Owner, version}, err
}

// store stores the entry, if there is one, and releases the lease. It does nothing if the lease was taken
// over.
func (c *Cache) store(ctx context.Context, k keys, held *heldLease, made *entry) error {
	changes := c.kv.Atomic().Check(k.lease, held.version).Delete(k.lease)
	if made != nil {
		text, err := made.text()
		if err != nil {
			return err
		}
		ttl := recipe.StoreTTL(time.Duration(made.staleMs-made.atMs) * time.Millisecond)
		changes.Put(k.entry, []byte(text), &kvasir.PutOptions{TTL: ttl})
	}
	_, err := changes.Commit(ctx)
	if errors.Is(err, kvasir.ErrConditionFailed) {
		return nil
	}
	return err
}

func versionIn(texts map[string][]byte, key string) *string {
	text, exists := texts[key]
	if !exists {
		return nil
	}
	version := string(text)
	return &version
}

func same(one, other *string) bool {
	if one == nil || other == nil {
		return one == other
	}
	return *one == *other
}
