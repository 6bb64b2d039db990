package cache

import (
	"testing"

	"github.com/kvasir-kv/kvasir/sdks/go/internal/testserver"
)

func TestEntriesAreStoredAsInAllLanguages(t *testing.T) {
	var vectors struct {
		CacheEntries []struct {
			Payload, Text string
			Failed        bool
			Tags          tagVersions
		}
		CacheKeys []struct{ Key, Entry, Lease string }
	}
	testserver.Vectors(t, &vectors)
	for _, vector := range vectors.CacheEntries {
		read := parseEntry([]byte(vector.Text))
		if read == nil || read.payload != vector.Payload || read.failed != vector.Failed || len(read.tags) != len(vector.Tags) {
			t.Fatalf("%+v", read)
		}
		for tag, version := range vector.Tags {
			if own, exists := read.tags[tag]; !exists || !same(own, version) {
				t.Error(tag)
			}
		}
		text, _ := read.text()
		if again := parseEntry([]byte(text)); again == nil || len(again.tags) != len(vector.Tags) || again.freshMs != read.freshMs {
			t.Error(text)
		}
	}
	for _, vector := range vectors.CacheKeys {
		if vector.Key == "" {
			continue // An empty name is refused.
		}
		k, err := keysOf("cache:", vector.Key, nil)
		if err != nil || k.entry != vector.Entry || k.lease != vector.Lease {
			t.Error(k, err)
		}
	}
	for _, other := range []string{"", "{}", "{}\nx", "[]\nx", `{"at":1,"fresh":1,"stale":1,"took":"1"}` + "\nx"} {
		if parseEntry([]byte(other)) != nil {
			t.Error(other)
		}
	}
}
