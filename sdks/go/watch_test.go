package kvasir_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

// first returns the first changes of a watch, and the error that ended it.
func first(count int, watch func(func(kvasir.Change, error) bool)) (told []string, failed error) {
	watch(func(change kvasir.Change, err error) bool {
		if err != nil {
			failed = err
			return false
		}
		text := fmt.Sprint(change.Type, " ", change.Key)
		if change.More {
			text += " …"
		}
		told = append(told, text)
		return len(told) < count
	})
	return told, failed
}

func TestAWatchTellsChangesInOrder(t *testing.T) {
	kv, _ := newNamespace(t)
	must(kv.Put(ctx, "a/0", nil, nil))
	before := must(kv.Position(ctx))
	must(kv.Put(ctx, "a/1", nil, nil))
	must(kv.Put(ctx, "b", nil, nil))
	if err := kv.Delete(ctx, "a/1"); err != nil {
		t.Fatal(err)
	}
	must(kv.Atomic().Put("a/2", nil, nil).Put("a/3", nil, nil).Commit(ctx))
	told, err := first(4, kv.Watch(ctx, &kvasir.WatchOptions{Prefix: "a/", Since: before}))
	if wanted := []string{"put a/1", "delete a/1", "put a/2 …", "put a/3"}; err != nil || !reflect.DeepEqual(told, wanted) {
		t.Error(told, err)
	}
}

func TestAWatchEndsWithItsContext(t *testing.T) {
	kv, _ := newNamespace(t)
	before := must(kv.Position(ctx))
	must(kv.Put(ctx, "1", nil, nil))
	ended, cancel := context.WithCancel(ctx)
	count := 0
	kv.Watch(ended, &kvasir.WatchOptions{Since: before})(func(_ kvasir.Change, err error) bool {
		if err != nil {
			t.Error(err)
		}
		count++
		cancel()
		return true
	})
	if count != 1 {
		t.Error(count)
	}
}

func TestAnErrorEndsAWatch(t *testing.T) {
	_, _ = newNamespace(t)
	_, err := first(1, kvasir.New(apiURL, "").Namespace("nowhere").Watch(ctx, nil))
	if !errors.Is(err, kvasir.ErrNamespaceNotFound) {
		t.Error(err)
	}
}

func TestAWatchThatIsCutOffResumesAndTellsNothingTwice(t *testing.T) {
	event := func(position, key string, version int, more bool) string {
		return fmt.Sprintf("id: %s\nevent: put\ndata: {\"key\":%q,\"version\":%d,\"more\":%v}\n\n", position, key, version, more)
	}
	streams := []string{
		"id: p5\n\n: heartbeat\n\n" + event("p6", "a", 6, false) + event("p7.1", "b", 7, true),
		event("p7", "c", 7, false) + "id: p9\n\n",
		"event: error\ndata: {\"code\":\"watch_behind\",\"message\":\"too slow\"}\n\n",
	}
	asked := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Query().Get("since"))
		_, _ = w.Write([]byte(streams[len(asked)-1]))
	}))
	defer server.Close()
	told, err := first(9, kvasir.New(server.URL, "").Namespace("id").Watch(ctx, nil))
	if code, _ := codeOf(err); code != "watch_behind" || !reflect.DeepEqual(told, []string{"put a", "put b …", "put c"}) {
		t.Error(told, err)
	}
	if !reflect.DeepEqual(asked, []string{"", "p7.1", "p9"}) {
		t.Error(asked)
	}
}
