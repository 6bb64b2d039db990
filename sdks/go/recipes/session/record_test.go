package session

import (
	"reflect"
	"testing"

	"github.com/kvasir-kv/kvasir/sdks/go/internal/testserver"
)

func TestSessionsAreStoredAsInAllLanguages(t *testing.T) {
	var vectors struct {
		Sessions []struct {
			ID, Handle, Text string
			Keys             []string
			Record           record[map[string]any]
		}
	}
	testserver.Vectors(t, &vectors)
	for _, vector := range vectors.Sessions {
		if handle := handleOf(vector.ID); handle != vector.Handle {
			t.Error(handle)
		}
		sessions, _ := New[map[string]any](nil, Options{})
		keys, err := sessions.keys(vector.Handle, vector.Record.UserID)
		if err != nil || !reflect.DeepEqual(keys, vector.Keys) {
			t.Error(keys, err)
		}
		read, err := parse[map[string]any](vector.Text)
		if err != nil || !reflect.DeepEqual(read, vector.Record) {
			t.Error(read, err)
		}
		if text, err := read.text(); err != nil || text != vector.Text {
			t.Error(text, err)
		}
	}
	if len(vectors.Sessions) == 0 || handleOf("x") != "" || handleOf(vectors.Sessions[0].ID+"\n") != "" {
		t.Error("no vectors, or a handle of what is not an id")
	}
}
