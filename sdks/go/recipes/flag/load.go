package flag

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// requiredLevelsMax is the deepest chain of flags that require each other. Flags beyond it count as missing.
const requiredLevelsMax = 10

// Set has flags that were read together and can be evaluated without waiting, for example during one request.
type Set struct {
	flags map[string]sourced
	world world
}

type sourced struct {
	flag   *flag
	source string
}

// Evaluate decides. A flag that was not among the names counts as missing.
func (s *Set) Evaluate(name string, user User) Decision {
	found, exists := s.flags[name]
	if !exists {
		found.source = "default"
	}
	decision := s.world.decide(name, found.flag, user)
	decision.Source = found.source
	return decision
}

// Load reads several flags. One request for each hundred that are not in memory.
func (f *Flags) Load(ctx context.Context, names ...string) (*Set, error) {
	set := &Set{flags: map[string]sourced{}}
	set.world = world{f.segments, func(name string) *flag { return set.flags[name].flag }}
	for level := 0; len(names) > 0 && level <= requiredLevelsMax; level++ {
		if err := f.readInto(ctx, set, names); err != nil {
			return nil, err
		}
		required := []string{}
		for _, name := range names {
			if read := set.flags[name].flag; read != nil {
				for other := range read.requires {
					if _, isRead := set.flags[other]; !isRead && !slices.Contains(required, other) {
						required = append(required, other)
					}
				}
			}
		}
		names = required
	}
	return set, nil
}

func (f *Flags) readInto(ctx context.Context, set *Set, names []string) error {
	f.mutex.Lock()
	changes, now := f.changes, f.nowMs()
	unread := map[string]string{}
	for _, name := range names {
		if remembered, found := f.known[name]; found && now < remembered.untilMs {
			set.flags[name] = sourced{f.orDefault(name, remembered.flag), "memory"}
			continue
		}
		key, err := f.key(name)
		if err != nil {
			f.mutex.Unlock()
			return err
		}
		unread[name] = key
	}
	f.mutex.Unlock()
	if len(unread) == 0 {
		return nil
	}
	texts, err := f.read(ctx, unread)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err != nil {
		if f.options.FailOnStoreError || ctx.Err() != nil || !recipe.IsTrouble(err) {
			return err
		}
		for name := range unread {
			source := "default"
			last, found := f.known[name]
			if found {
				source = "memory"
			}
			set.flags[name] = sourced{f.orDefault(name, last.flag), source}
		}
		return nil
	}
	for name, key := range unread {
		var read *flag
		if text, exists := texts[key]; exists {
			if read, err = stored(name, text); err != nil {
				return err
			}
		}
		// The result may miss a change that this process has made since the read began.
		if changes == f.changes {
			f.remember(name, known{read, now + f.options.CacheTTL.Milliseconds()})
		}
		set.flags[name] = sourced{f.orDefault(name, read), "store"}
	}
	return nil
}

func (f *Flags) read(ctx context.Context, keys map[string]string) (map[string][]byte, error) {
	all := make([]string, 0, len(keys))
	for _, key := range keys {
		all = append(all, key)
	}
	if len(all) > 1 {
		return f.kv.GetMany(ctx, all)
	}
	text, err := f.kv.Get(ctx, all[0])
	if errors.Is(err, kvasir.ErrNotFound) {
		return nil, nil
	}
	return map[string][]byte{all[0]: text}, err
}

func (f *Flags) orDefault(name string, read *flag) *flag {
	if read == nil {
		return f.defaults[name]
	}
	return read
}

func checkSegments(given map[string][]map[string]any) (map[string][][]condition, error) {
	segments := map[string][][]condition{}
	for name, alternatives := range given {
		what := fmt.Sprintf("segment %q", name)
		segments[name] = [][]condition{}
		for _, when := range alternatives {
			if len(when) == 0 {
				return nil, recipe.InvalidOption("condition of "+what, when, `at least one attribute, such as {"plan": "pro"}`)
			}
			conditions, err := conditionsOf(what, when)
			if err != nil {
				return nil, err
			}
			segments[name] = append(segments[name], conditions)
		}
	}
	return segments, nil
}
