package cache

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// taggedMsMax is the longest time for which an entry with tags is cached: 30 days. An entry must not outlive
// the record of its invalidation.
const taggedMsMax = 2_592_000_000

// content is a value to store, and for how long.
type content struct {
	// payload is JSON, or the message of a computation that failed.
	payload string
	freshMs int64
	// staleMs is how much longer it may be served while a new one is computed.
	staleMs int64
	failed  bool
}

// tagVersions are the versions of tags. Nil: the tag was never invalidated.
type tagVersions map[string]*string

// entry is content as stored.
type entry struct {
	payload                string
	failed                 bool
	atMs, freshMs, staleMs float64
	tookMs                 float64
	tags                   tagVersions
}

// header is the first line of an entry. The payload follows as it is.
type header struct {
	At     *float64     `json:"at"`
	Fresh  *float64     `json:"fresh"`
	Stale  *float64     `json:"stale"`
	Took   *float64     `json:"took"`
	Tags   [][2]*string `json:"tags,omitempty"`
	Failed bool         `json:"failed,omitempty"`
}

// entryOf returns the entry for content that is stored now, or nil if it is not stored at all.
func entryOf(c content, nowMs, tookMs int64, tags tagVersions) *entry {
	if c.freshMs+c.staleMs <= 0 {
		return nil
	}
	longest := int64(math.MaxInt64)
	if len(tags) > 0 {
		longest = taggedMsMax
	}
	return &entry{
		payload: c.payload,
		failed:  c.failed,
		atMs:    float64(nowMs),
		freshMs: float64(nowMs + min(c.freshMs, longest)),
		staleMs: float64(nowMs + min(c.freshMs+c.staleMs, longest)),
		tookMs:  float64(tookMs),
		// The versions from before the computation, so that an invalidation during it counts.
		tags: tags,
	}
}

func (e *entry) text() (string, error) {
	head := header{At: &e.atMs, Fresh: &e.freshMs, Stale: &e.staleMs, Took: &e.tookMs, Failed: e.failed}
	for tag, version := range e.tags {
		name := tag
		head.Tags = append(head.Tags, [2]*string{&name, version})
	}
	line, err := recipe.JSON(head, "the cache's entry")
	return line + "\n" + e.payload, err
}

// parseEntry returns nil if the text is not an entry. The value is then computed again and overwrites it.
func parseEntry(text []byte) *entry {
	line, payload, found := strings.Cut(string(text), "\n")
	var head header
	if !found || json.Unmarshal([]byte(line), &head) != nil {
		return nil
	}
	if head.At == nil || head.Fresh == nil || head.Stale == nil || head.Took == nil {
		return nil
	}
	tags := tagVersions{}
	for _, tag := range head.Tags {
		if tag[0] == nil {
			return nil
		}
		tags[*tag[0]] = tag[1]
	}
	return &entry{payload, head.Failed, *head.At, *head.Fresh, *head.Stale, *head.Took, tags}
}

// lease is the right to compute an entry, as other callers see it.
type lease struct {
	Owner string `json:"owner"`
	// UntilMs is in the time of the owner's clock. A caller whose clock is later may take the lease over.
	UntilMs float64 `json:"untilMs"`
}

func parseLease(text []byte) *lease {
	var stored struct {
		Owner   *string
		UntilMs *float64
	}
	if json.Unmarshal(text, &stored) != nil || stored.Owner == nil || stored.UntilMs == nil {
		return nil
	}
	return &lease{*stored.Owner, *stored.UntilMs}
}

// keys are the keys of one lookup.
type keys struct {
	entry, lease string
	tags         map[string]string
}

func keysOf(prefix, key string, tags []string) (keys, error) {
	if key == "" {
		return keys{}, recipe.InvalidOption("key", key, "a key that is not empty")
	}
	parts := recipe.ClientKeyParts(key)
	entry, err := recipe.Key(prefix, append([]string{"entry"}, parts...)...)
	if err != nil {
		return keys{}, err
	}
	lease, err := recipe.Key(prefix, append([]string{"lease"}, parts...)...)
	if err != nil {
		return keys{}, err
	}
	made := keys{entry, lease, map[string]string{}}
	for _, tag := range tags {
		if made.tags[tag], err = tagKey(prefix, tag); err != nil {
			return keys{}, err
		}
	}
	if len(made.tags) > tagsMax {
		return keys{}, recipe.InvalidOption("Tags", len(made.tags), fmt.Sprintf("at most %d tags", tagsMax))
	}
	return made, nil
}

// tagKey refuses the tags that the TypeScript cache gives to responses.
func tagKey(prefix, tag string) (string, error) {
	if tag == "" || tag[0] == 0 {
		return "", recipe.InvalidOption("tag", tag, "a tag that is not empty and does not begin with a NUL character")
	}
	return recipe.Key(prefix, "tag", tag)
}
