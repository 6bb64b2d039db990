package session

import (
	"context"
	"errors"
	"sort"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

const (
	// perCommitMax is how many sessions one commit removes. Each needs two operations, and a commit has at most
	// 1,000.
	perCommitMax = 400
	// revokePassesMax is how often RevokeAll looks again for sessions that were created meanwhile.
	revokePassesMax = 100
	// listedMax is how many sessions of a user List reads.
	listedMax = 10_000
)

// Listed is one of a user's sessions. It does not contain the id, so a list cannot be used to take over a
// session.
type Listed[Data any] struct {
	Handle  string
	Data    Data
	Created time.Time
}

// List returns the user's sessions, oldest first.
func (s *Sessions[Data]) List(ctx context.Context, userID string) ([]Listed[Data], error) {
	handles, err := s.handlesOf(ctx, userID)
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(handles))
	for at, handle := range handles {
		if keys[at], err = s.key(handle); err != nil {
			return nil, err
		}
	}
	texts, err := s.kv.GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	found, ended := []Listed[Data]{}, []string{}
	for at, handle := range handles {
		text, exists := texts[keys[at]]
		if !exists {
			ended = append(ended, handle)
			continue
		}
		r, err := parse[Data](string(text))
		if err != nil {
			return nil, err
		}
		if s.nowMs() < s.endMs(r) {
			found = append(found, Listed[Data]{handle, r.Data, time.UnixMilli(r.CreatedMs)})
		}
	}
	sort.SliceStable(found, func(one, other int) bool { return found[one].Created.Before(found[other].Created) })
	return found, s.removeAll(ctx, userID, ended)
}

// RevokeListed ends a session of a user that List returned, and says whether it belonged to that user.
func (s *Sessions[Data]) RevokeListed(ctx context.Context, userID, handle string) (bool, error) {
	// A client sends the handle, so it must have the right form before it becomes part of a key.
	if userID == "" || !idForm.MatchString(handle) {
		return false, nil
	}
	keys, err := s.keys(handle, userID)
	if err == nil {
		_, err = s.kv.Get(ctx, keys[1])
	}
	if errors.Is(err, kvasir.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.removeAll(ctx, userID, []string{handle})
}

// RevokeAll ends all sessions of a user, except the one with the id keep, as in "log out everywhere else".
// keep may be empty.
func (s *Sessions[Data]) RevokeAll(ctx context.Context, userID, keep string) error {
	ended := map[string]bool{}
	if keep != "" {
		ended[handleOf(keep)] = true
	}
	// A session that gets a new id while its old one is listed appears under the new id in the next pass. So
	// only a pass that finds none proves that none is left.
	for pass := 0; pass < revokePassesMax; pass++ {
		handles, err := s.handlesOf(ctx, userID)
		if err != nil {
			return err
		}
		found := []string{}
		for _, handle := range handles {
			if !ended[handle] {
				found = append(found, handle)
				ended[handle] = true
			}
		}
		if len(found) == 0 {
			return nil
		}
		if err := s.removeAll(ctx, userID, found); err != nil {
			return err
		}
	}
	return recipe.Fail(ErrContended, "contended", "new sessions of this user kept coming while all were revoked",
		"Keep the user from logging in first, then revoke again.")
}

func (s *Sessions[Data]) handlesOf(ctx context.Context, userID string) ([]string, error) {
	if userID == "" {
		return nil, recipe.InvalidOption("userID", userID, "an id that is not empty")
	}
	prefix, err := recipe.Key(s.prefix, "user", userID)
	if err != nil {
		return nil, err
	}
	options := &kvasir.ListOptions{Prefix: prefix + ":"}
	handles := []string{}
	for {
		page, err := s.kv.List(ctx, options)
		if err != nil {
			return nil, err
		}
		for _, key := range page.Keys {
			handles = append(handles, key.Name[len(options.Prefix):])
		}
		if page.Cursor == "" || len(handles) >= listedMax {
			return handles, nil
		}
		options.Cursor = page.Cursor
	}
}

func (s *Sessions[Data]) removeAll(ctx context.Context, userID string, handles []string) error {
	for len(handles) > 0 {
		part := handles[:min(len(handles), perCommitMax)]
		handles = handles[len(part):]
		changes := s.kv.Atomic()
		for _, handle := range part {
			if err := s.remove(changes, handle, userID); err != nil {
				return err
			}
		}
		if _, err := changes.Commit(ctx); err != nil {
			return err
		}
	}
	return nil
}
