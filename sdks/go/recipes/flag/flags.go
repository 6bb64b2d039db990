// Package flag has feature flags: on or off, by percentage, for some users, by attribute, in variants. A
// user's result is the same in every process and language.
package flag

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// rememberedMax is how many flags are kept in memory.
const rememberedMax = 1_000

// Options of flags.
type Options struct {
	// Defaults are definitions of flags that are not stored. A stored definition replaces its default
	// completely.
	Defaults map[string]Definition
	// CacheTTL is how long a definition is kept in memory. This object sees its own changes at once. Zero: not
	// at all.
	CacheTTL time.Duration
	// FailOnStoreError returns the error while the store is unavailable. Otherwise flags decide by the
	// definition that was read last, or by the defaults.
	FailOnStoreError bool
	// Prefix is the start of all keys, "flag:" if it is empty.
	Prefix string
	// Clock is time.Now if it is nil.
	Clock func() time.Time
}

// Named is a stored definition.
type Named struct {
	Name       string
	Definition Definition
	// Version is for Update.
	Version int64
}

// Flags are the flags of a namespace. Goroutines may share them.
type Flags struct {
	kv       *kvasir.Namespace
	options  Options
	defaults map[string]*flag
	nowMs    func() int64

	mutex   sync.Mutex
	changes int
	known   map[string]known
}

// known is a flag that was read. It is nil for one that is not stored: most reads of unused flags find
// nothing.
type known struct {
	flag    *flag
	untilMs int64
}

// New returns the flags of a namespace. It sends no request.
func New(kv *kvasir.Namespace, options Options) (*Flags, error) {
	if options.Prefix == "" {
		options.Prefix = "flag:"
	}
	if options.CacheTTL < 0 || options.CacheTTL > recipe.SpanMax {
		return nil, recipe.InvalidOption("CacheTTL", options.CacheTTL.String(), "a duration from 0 to 100 years")
	}
	f := &Flags{kv: kv, options: options, defaults: map[string]*flag{}, known: map[string]known{}}
	f.nowMs = recipe.RecoveringClock(options.Clock)
	for name, definition := range options.Defaults {
		checked, err := check(name, definition)
		if err != nil {
			return nil, err
		}
		f.defaults[name] = checked
	}
	return f, nil
}

// Enabled says whether the user has the flag. At most one request.
func (f *Flags) Enabled(ctx context.Context, name string, user User) (bool, error) {
	decision, err := f.Evaluate(ctx, name, user)
	return decision.Enabled, err
}

// Variant returns the user's variant, or "" if there is none. At most one request.
func (f *Flags) Variant(ctx context.Context, name string, user User) (string, error) {
	decision, err := f.Evaluate(ctx, name, user)
	return decision.Variant, err
}

// Evaluate returns the decision and its reason. At most one request.
func (f *Flags) Evaluate(ctx context.Context, name string, user User) (Decision, error) {
	set, err := f.Load(ctx, name)
	if err != nil {
		return Decision{}, err
	}
	return set.Evaluate(name, user), nil
}

// Set has flags that were read together and can be evaluated without waiting, for example during one request.
type Set struct{ flags map[string]sourced }

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
	decision := decide(name, found.flag, user)
	decision.Source = found.source
	return decision
}

// Load reads several flags. One request for each hundred that are not in memory.
func (f *Flags) Load(ctx context.Context, names ...string) (*Set, error) {
	set := &Set{map[string]sourced{}}
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
			return nil, err
		}
		unread[name] = key
	}
	f.mutex.Unlock()
	if len(unread) == 0 {
		return set, nil
	}
	texts, err := f.read(ctx, unread)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err != nil {
		if f.options.FailOnStoreError || ctx.Err() != nil || !recipe.IsTrouble(err) {
			return nil, err
		}
		for name := range unread {
			source := "default"
			last, found := f.known[name]
			if found {
				source = "memory"
			}
			set.flags[name] = sourced{f.orDefault(name, last.flag), source}
		}
		return set, nil
	}
	for name, key := range unread {
		var read *flag
		if text, exists := texts[key]; exists {
			if read, err = stored(name, text); err != nil {
				return nil, err
			}
		}
		// The result may miss a change that this process has made since the read began.
		if changes == f.changes {
			f.remember(name, known{read, now + f.options.CacheTTL.Milliseconds()})
		}
		set.flags[name] = sourced{f.orDefault(name, read), "store"}
	}
	return set, nil
}

// Get returns the stored definition, or kvasir.ErrNotFound.
func (f *Flags) Get(ctx context.Context, name string) (*Named, error) {
	key, err := f.key(name)
	if err != nil {
		return nil, err
	}
	entry, err := f.kv.GetEntry(ctx, key)
	if err != nil {
		return nil, err
	}
	read, err := stored(name, entry.Value)
	if err != nil {
		return nil, err
	}
	return &Named{name, read.Definition, entry.Version}, nil
}

// List returns all stored flags, by name.
func (f *Flags) List(ctx context.Context) ([]Named, error) {
	flags := []Named{}
	options := &kvasir.ListOptions{Prefix: f.options.Prefix, Values: true, Versions: true}
	err := f.kv.Each(ctx, options, func(key kvasir.ListedKey) error {
		name := recipe.KeyPart(key.Name[len(options.Prefix):])
		read, err := stored(name, []byte(key.Value))
		if err == nil {
			flags = append(flags, Named{name, read.Definition, key.Version})
		}
		return err
	})
	return flags, err
}

// Set stores a definition unconditionally.
func (f *Flags) Set(ctx context.Context, name string, definition Definition) error {
	_, err := f.put(ctx, name, definition, nil)
	return err
}

// Update stores a definition if the flag has not changed since it was read, and returns the new version.
// Version zero means that there is none yet. If it has changed, the error is kvasir.ErrConditionFailed.
func (f *Flags) Update(ctx context.Context, name string, definition Definition, version int64) (int64, error) {
	if version == 0 {
		return f.put(ctx, name, definition, &kvasir.PutOptions{IfAbsent: true})
	}
	return f.put(ctx, name, definition, &kvasir.PutOptions{IfVersion: version})
}

// Delete deletes the stored definition. The default one applies then.
func (f *Flags) Delete(ctx context.Context, name string) error {
	key, err := f.key(name)
	if err != nil {
		return err
	}
	defer f.forget(name)
	return f.kv.Delete(ctx, key)
}

func (f *Flags) put(ctx context.Context, name string, definition Definition, options *kvasir.PutOptions) (int64, error) {
	key, err := f.key(name)
	if err != nil {
		return 0, err
	}
	if _, err = check(name, definition); err != nil {
		return 0, err
	}
	text, err := recipe.JSON(definition, fmt.Sprintf("the flag %q", name))
	if err != nil {
		return 0, err
	}
	// Also after an error: if the response was lost, the change may have been made.
	defer f.forget(name)
	return f.kv.Put(ctx, key, []byte(text), options)
}

func (f *Flags) key(name string) (string, error) { return recipe.Key(f.options.Prefix, name) }

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

// remember needs the mutex.
func (f *Flags) remember(name string, read known) {
	if len(f.known) >= rememberedMax {
		for other := range f.known {
			delete(f.known, other)
			break
		}
	}
	f.known[name] = read
}

func (f *Flags) forget(name string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.changes++
	delete(f.known, name)
}

func stored(name string, text []byte) (*flag, error) {
	read, err := parse(name, text)
	if err != nil {
		var told *kvasir.Error
		message := err.Error()
		if errors.As(err, &told) {
			message = told.Message
		}
		return nil, recipe.Fail(err, "value_invalid", fmt.Sprintf("what is stored as the flag %q is not a flag: %s", name, message),
			"Write it again with Set, or give the flags a prefix that nothing else uses.")
	}
	return read, nil
}
