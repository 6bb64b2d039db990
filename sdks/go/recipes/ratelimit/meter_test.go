package ratelimit

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/kvasir-kv/kvasir/sdks/go/internal/testserver"
)

func TestMetersDecideAsInAllLanguages(t *testing.T) {
	var vectors struct {
		Meters []struct {
			Algorithm     string
			Before, After json.RawMessage
			Cost, NowMs   int64
			Result        Result
		}
	}
	testserver.Vectors(t, &vectors)
	meters := map[string]meter{"sliding-window": slidingWindow{5, 7000}, "token-bucket": tokenBucket{5, 7000}}
	for _, vector := range vectors.Meters {
		m := meters[vector.Algorithm]
		before, err := m.parse(vector.Before)
		if err != nil {
			t.Fatal(err)
		}
		after, result := m.take(before, vector.Cost, vector.NowMs)
		if result != vector.Result {
			t.Errorf("%s: %+v, not %+v", vector.Algorithm, result, vector.Result)
		}
		if wanted, _ := m.parse(vector.After); result.Allowed && !reflect.DeepEqual(after, wanted) {
			t.Errorf("%s: %v, not %v", vector.Algorithm, after, wanted)
		}
	}
	if len(vectors.Meters) == 0 {
		t.Error("no vectors")
	}
	for _, other := range []string{"", "null", "5", `"x"`, "{}", "[[1]]", `{"used":"1","atMs":1}`, "[[true,1]]"} {
		for name, m := range meters {
			if _, err := m.parse([]byte(other)); err == nil {
				t.Error(name, other)
			}
		}
	}
}
