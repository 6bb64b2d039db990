package recipe

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/testserver"
)

func TestKeysHashesAndChoicesAreThoseOfAllLanguages(t *testing.T) {
	var vectors struct {
		Keys []struct {
			Prefix, Key string
			Parts       []string
		}
		ClientKeys []struct {
			Text  string
			Parts []string
		}
		Hashes []struct {
			Text       string
			Seed, Hash uint32
		}
		Fractions []struct {
			Parts    []string
			Fraction float64
		}
		Choices []struct {
			Weights map[string]float64
			Chosen  []string
		}
	}
	testserver.Vectors(t, &vectors)
	for _, vector := range vectors.Keys {
		key, err := Key(vector.Prefix, vector.Parts...)
		if err != nil || key != vector.Key {
			t.Error(key, err, vector)
		}
		parts := strings.Split(strings.TrimPrefix(key, vector.Prefix), ":")
		for at, part := range parts {
			if KeyPart(part) != vector.Parts[at] {
				t.Error(part)
			}
		}
	}
	for _, vector := range vectors.ClientKeys {
		if parts := ClientKeyParts(vector.Text); !reflect.DeepEqual(parts, vector.Parts) {
			t.Errorf("%q: %q", vector.Text, parts)
		}
	}
	for _, vector := range vectors.Hashes {
		if hash := StableHash(vector.Text, vector.Seed); hash != vector.Hash {
			t.Errorf("%q: %d", vector.Text, hash)
		}
	}
	for _, vector := range vectors.Fractions {
		if fraction := StableFraction(vector.Parts...); fraction != vector.Fraction {
			t.Error(vector.Parts, fraction)
		}
	}
	for _, vector := range vectors.Choices {
		for at, chosen := range vector.Chosen {
			if name := WeightedChoice(vector.Weights, "variant", "new", "user-"+itoa(at)); name != chosen {
				t.Error(vector.Weights, at, name)
			}
		}
	}
	if len(vectors.Keys)*len(vectors.ClientKeys)*len(vectors.Hashes)*len(vectors.Choices) == 0 {
		t.Error("no vectors")
	}
}

func itoa(at int) string {
	if at < 10 {
		return string(rune('0' + at))
	}
	return itoa(at/10) + itoa(at%10)
}

func TestTextsThatAreNotUTF8HaveDifferentKeys(t *testing.T) {
	one, other := ClientKeyParts("a\xff"), ClientKeyParts("a\xfe")
	if len(one) != 2 || reflect.DeepEqual(one, other) {
		t.Error(one, other)
	}
}

func TestAKeyIsNeitherEmptyNorTooLong(t *testing.T) {
	for part, code := range map[string]string{"": "key_invalid", strings.Repeat("x", 513): "key_too_long"} {
		_, err := Key("", part)
		var told *kvasir.Error
		if !errors.As(err, &told) || told.Code != code {
			t.Error(err)
		}
	}
}

func TestAClockThatStepsBackStandsStillAndThenGoesOn(t *testing.T) {
	now := int64(100_000)
	clock := func() time.Time { return time.UnixMilli(now) }
	recovering, steady := RecoveringClock(clock), SteadyClock(clock)
	told := func() int64 { return recovering() }
	if told() != 100_000 {
		t.Error()
	}
	_, _ = steady()
	now = 99_500
	if ms, err := steady(); ms != 100_000 || err != nil {
		t.Error(ms, err)
	}
	for _, step := range [][2]int64{{99_500, 100_000}, {50_000, 100_000}, {50_999, 100_000}, {51_000, 51_000}, {51_001, 51_001}} {
		now = step[0]
		if ms := told(); ms != step[1] {
			t.Error(step, ms)
		}
	}
	if _, err := steady(); err == nil {
		t.Error("a lock's clock went back")
	}
}

func TestBatchesRunWhatArrivesMeanwhileTogether(t *testing.T) {
	entered, leave := make(chan int), make(chan struct{})
	batches := &Batches[int, int]{SizeMax: 3}
	batches.Run = func(_ context.Context, items []int) ([]int, error) {
		entered <- len(items)
		<-leave
		if items[0] < 0 {
			return nil, errors.New("negative")
		}
		return items, nil
	}
	var wait sync.WaitGroup
	add := func(item int) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if result, err := batches.Add(context.Background(), item); err != nil || result != item {
				t.Error(result, err)
			}
		}()
	}
	add(1)
	if size := <-entered; size != 1 {
		t.Error(size)
	}
	for item := 2; item <= 5; item++ {
		add(item)
	}
	for {
		batches.mutex.Lock()
		waiting := len(batches.waiting)
		batches.mutex.Unlock()
		if waiting == 4 {
			break
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := batches.Add(ended, 6); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	sizes := []int{}
	for range [2]int{} {
		leave <- struct{}{}
		sizes = append(sizes, <-entered)
	}
	leave <- struct{}{}
	wait.Wait()
	if !reflect.DeepEqual(sizes, []int{3, 2}) {
		t.Error(sizes)
	}
}

func TestContentionEndsWithAnErrorOrTheContext(t *testing.T) {
	attempts := 0
	fail := func() (bool, error) { attempts++; return false, nil }
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := UntilUncontended(ended, "x", fail); !errors.Is(err, context.Canceled) || attempts != 1 {
		t.Error(err, attempts)
	}
}
