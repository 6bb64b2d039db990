package kvasir_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

func TestAValueIsWrittenFromAReaderAndReadFromAStream(t *testing.T) {
	kv, _ := newNamespace(t)
	big := bytes.Repeat([]byte("0123456789"), 100_000)
	options := &kvasir.PutOptions{Metadata: []int{7}, TTL: time.Hour}
	version := must(kv.PutStream(ctx, "big", bytes.NewReader(big), options))
	stream := must(kv.GetStream(ctx, "big"))
	if stream.Version != version || string(stream.Metadata) != "[7]" || stream.Expiration.IsZero() {
		t.Errorf("%+v", stream)
	}
	if read := must(io.ReadAll(stream)); !bytes.Equal(read, big) || stream.Close() != nil {
		t.Error(len(read))
	}
	if _, err := kv.GetStream(ctx, "nothing"); !errors.Is(err, kvasir.ErrNotFound) {
		t.Error(err)
	}
	again := &kvasir.PutOptions{IfAbsent: true}
	if _, err := kv.PutStream(ctx, "big", strings.NewReader("x"), again); !errors.Is(err, kvasir.ErrConditionFailed) {
		t.Error(err)
	}
}

func TestTheErrorOfAReaderIsReturnedAndNothingIsWritten(t *testing.T) {
	kv, _ := newNamespace(t)
	failure := errors.New("the disk of the source")
	source := io.MultiReader(strings.NewReader("begin"), iotest.ErrReader(failure))
	if _, err := kv.PutStream(ctx, "key", source, nil); err != failure {
		t.Error(err)
	}
	if _, err := kv.Get(ctx, "key"); !errors.Is(err, kvasir.ErrNotFound) {
		t.Error(err)
	}
}

func TestAValueThatIsTooLargeIsRefusedByName(t *testing.T) {
	kv, _ := newNamespace(t)
	tooLarge := make([]byte, 26_214_401)
	for name, err := range map[string]error{
		"bytes":  second(kv.Put(ctx, "key", tooLarge, nil)),
		"stream": second(kv.PutStream(ctx, "key", bytes.NewReader(tooLarge), nil)),
	} {
		var refused *kvasir.Error
		if !errors.Is(err, kvasir.ErrInvalid) || !errors.As(err, &refused) || refused.Code != "value_too_large" {
			t.Error(name, err)
		}
	}
}

func TestTheSilenceOfTheSourceIsNotTheServers(t *testing.T) {
	_, id := newNamespace(t)
	kv := kvasir.New(apiURL, "").WithTimeout(200 * time.Millisecond).Namespace(id)
	reader, writer := io.Pipe()
	go func() {
		_, _ = writer.Write([]byte("late "))
		time.Sleep(400 * time.Millisecond) // The subject of the test: a source that takes longer than the timeout.
		_, _ = writer.Write([]byte("value"))
		writer.Close()
	}()
	must(kv.PutStream(ctx, "key", reader, nil))
	if value := must(kv.Get(ctx, "key")); string(value) != "late value" {
		t.Errorf("%q", value)
	}
}

func TestAValueThatIsCutOffIsAnError(t *testing.T) {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	defer listener.Close()
	go func() {
		for connection, err := listener.Accept(); err == nil; connection, err = listener.Accept() {
			_, _ = connection.Read(make([]byte, 4096))
			_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
			connection.Close()
		}
	}()
	kv := kvasir.New("http://"+listener.Addr().String(), "").WithRetries(0).Namespace("n")
	stream := must(kv.GetStream(ctx, "key"))
	defer stream.Close()
	if _, err := io.ReadAll(stream); !errors.Is(err, kvasir.ErrUnavailable) {
		t.Error(err)
	}
	if _, err := kv.Get(ctx, "key"); !errors.Is(err, kvasir.ErrUnavailable) {
		t.Error(err)
	}
}

func TestManyEntriesAreWrittenReadAndDeletedAtOnce(t *testing.T) {
	kv, _ := newNamespace(t)
	values, keys := map[string][]byte{}, []string{}
	for i := 0; i < 200; i++ {
		key := fmt.Sprint(i)
		values[key], keys = []byte(key), append(keys, key)
	}
	if err := kv.PutMany(ctx, values, &kvasir.PutOptions{Metadata: "m", TTL: time.Hour}); err != nil {
		t.Fatal(err)
	}
	read := must(kv.GetManyWithMetadata(ctx, append(keys, "nothing")))
	if len(read) != 200 || string(read["7"].Value) != "7" || string(read["7"].Metadata) != `"m"` {
		t.Error(len(read), read["7"])
	}
	if err := kv.DeleteMany(ctx, keys); err != nil || must(kv.Count(ctx, "")) != 0 {
		t.Error(err)
	}
	values[""] = nil
	if err := kv.PutMany(ctx, values, nil); !errors.Is(err, kvasir.ErrInvalid) || must(kv.Count(ctx, "")) != 0 {
		t.Error(err)
	}
	short := &kvasir.PutOptions{TTL: time.Second}
	if err := kv.PutMany(ctx, map[string][]byte{"a": nil, "b": nil}, short); !errors.Is(err, kvasir.ErrInvalid) {
		t.Error(err)
	}
}

func TestBytesThatAreNotUTF8AreReadExactly(t *testing.T) {
	kv, _ := newNamespace(t)
	must(kv.Put(ctx, "bytes", []byte("\xff"), &kvasir.PutOptions{Metadata: 1}))
	must(kv.Put(ctx, "sign", []byte("\uFFFD"), nil))
	for name, value := range map[string]string{
		"many":     string(must(kv.GetMany(ctx, []string{"bytes"}))["bytes"]),
		"metadata": string(must(kv.GetManyWithMetadata(ctx, []string{"bytes"}))["bytes"].Value),
		"list":     must(kv.List(ctx, &kvasir.ListOptions{Values: true})).Keys[0].Value,
	} {
		if value != "\xff" {
			t.Errorf("%s %q", name, value)
		}
	}
}

func TestOtherOptions(t *testing.T) {
	kv, _ := newNamespace(t)
	must(kv.Put(ctx, "a", nil, nil))
	inAnHour := time.Now().Add(time.Hour)
	if err := kv.TouchAt(ctx, "a", inAnHour); err != nil {
		t.Error(err)
	}
	// Rounded up: an entry never expires early.
	if found := must(kv.GetEntry(ctx, "a")).Expiration; found.Before(inAnHour) || found.After(inAnHour.Add(time.Second)) {
		t.Error(found, inAnHour)
	}
	must(kv.Atomic().IncrementWithTTL("n", 1, time.Hour).Commit(ctx))
	if must(kv.GetEntry(ctx, "n")).Expiration.IsZero() {
		t.Error("no expiration")
	}
	if _, err := kv.WithCacheTTL(time.Second).Get(ctx, "a"); err == nil || !strings.Contains(err.Error(), "cache_ttl_invalid") {
		t.Error(err)
	}
	must(kv.WithCacheTTL(time.Minute).GetMany(ctx, []string{"a"}))
	names := ""
	kv.Keys(ctx, &kvasir.ListOptions{Limit: 1})(func(key kvasir.ListedKey, err error) bool {
		names += key.Name
		return err == nil
	})
	kv.Keys(ctx, nil)(func(key kvasir.ListedKey, err error) bool { return false })
	if names != "an" {
		t.Error(names)
	}
	all := &kvasir.DeletePrefixOptions{DryRun: true, All: true}
	if count := must(kv.DeletePrefixWithOptions(ctx, "", all)); count != 2 {
		t.Error(count)
	}
	if _, err := kv.DeletePrefix(ctx, ""); !errors.Is(err, kvasir.ErrInvalid) {
		t.Error(err)
	}
	changes := kv.Atomic().Delete("a")
	must(changes.Commit(ctx))
	if _, err := changes.Commit(ctx); !errors.Is(err, kvasir.ErrInvalid) {
		t.Error(err)
	}
}

func TestAContextEndsEachOperation(t *testing.T) {
	kv, _ := newNamespace(t)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	for name, err := range map[string]error{
		"get":    second(kv.Get(ended, "a")),
		"put":    second(kv.Put(ended, "a", nil, nil)),
		"stream": second(kv.PutStream(ended, "a", strings.NewReader(""), nil)),
		"many":   kv.DeleteMany(ended, []string{"a"}),
		"list":   second(kv.List(ended, nil)),
		"atomic": second(kv.Atomic().Delete("a").Commit(ended)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Error(name, err)
		}
	}
}
