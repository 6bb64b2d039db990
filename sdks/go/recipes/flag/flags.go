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
	// Segments are groups of users that rules name, each with alternatives, of which one must hold, such as
	// {"staff": {{"email": map[string]any{"endsWith": "@example.com"}}}}.
	Segments map[string][]map[string]any
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
	segments map[string][][]condition
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
	segments, err := checkSegments(options.Segments)
	if err != nil {
		return nil, err
	}
	f := &Flags{kv: kv, options: options, defaults: map[string]*flag{}, segments: segments, known: map[string]known{}}
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
	checked, err := check(name, definition)
	if err != nil {
		return 0, err
	}
	for _, rule := range checked.rules {
		for _, segment := range rule.segments {
			if _, exists := f.segments[segment]; !exists {
				return 0, recipe.InvalidOption(fmt.Sprintf("segment of the flag %q", name), segment, "names of Options.Segments")
			}
		}
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
