package flag

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/kvasir-kv/kvasir/sdks/go/internal/testserver"
)

// userOf reads a user of a vector: null, an id, or an object with attributes.
func userOf(t *testing.T, text json.RawMessage) User {
	t.Helper()
	var id string
	if json.Unmarshal(text, &id) == nil {
		return User{ID: id}
	}
	user := User{}
	if err := json.Unmarshal(text, &user.Attributes); err != nil {
		t.Fatal(err)
	}
	user.ID, _ = user.Attributes["id"].(string)
	return user
}

func TestFlagsDecideAsInAllLanguages(t *testing.T) {
	var vectors struct {
		Decisions []struct {
			Definition json.RawMessage
			Users      []json.RawMessage
			Decisions  []Decision
		}
		InvalidDefinitions []json.RawMessage
		Segments           map[string][]map[string]any
		OtherFlags         map[string]json.RawMessage
		Numbers            [][2]any
	}
	testserver.Vectors(t, &vectors)
	segments, err := checkSegments(vectors.Segments)
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]*flag{}
	w := world{segments, func(name string) *flag { return flags[name] }}
	for name, definition := range vectors.OtherFlags {
		if flags[name], err = parse(name, definition); err != nil {
			t.Fatal(err)
		}
	}
	count := 0
	for _, vector := range vectors.Decisions {
		checked, err := parse("new", vector.Definition)
		if err != nil {
			t.Fatal(err)
		}
		flags["new"] = checked
		for at, user := range vector.Users {
			if made := w.decide("new", checked, userOf(t, user)); !reflect.DeepEqual(made, vector.Decisions[at]) {
				t.Errorf("%s %s: %+v, not %+v", vector.Definition, user, made, vector.Decisions[at])
			}
			count++
		}
		// What Go writes means the same.
		text, _ := json.Marshal(checked.Definition)
		again, err := parse("new", text)
		if err != nil {
			t.Fatal(err)
		}
		flags["new"] = again
		for at, user := range vector.Users {
			if made := w.decide("new", again, userOf(t, user)); !reflect.DeepEqual(made, vector.Decisions[at]) {
				t.Errorf("%s: %+v", text, made)
			}
		}
	}
	if count < 100 {
		t.Error("too few vectors")
	}
	for _, definition := range vectors.InvalidDefinitions {
		if _, err := parse("new", definition); err == nil {
			t.Errorf("%s is taken for a definition", definition)
		}
	}
	for _, number := range vectors.Numbers {
		if text := textOf(number[0]); text != number[1] {
			t.Error(text, "not", number[1])
		}
	}
	if made := w.decide("new", nil, User{ID: "ada"}); made.Reason != Missing || made.Enabled {
		t.Error(made)
	}
}
