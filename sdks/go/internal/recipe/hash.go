package recipe

import (
	"encoding/binary"
	"math"
	"math/bits"
	"sort"
	"strings"
)

// StableHash is MurmurHash3 (x86, 32 bits) of a text's UTF-8 bytes. It distributes evenly and is not
// cryptographic: collisions are easy to construct. Bytes that are not UTF-8 count as U+FFFD.
//
// See https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
func StableHash(text string, seed uint32) uint32 {
	data := []byte(strings.ToValidUTF8(text, "\uFFFD"))
	hash, rest := seed, data
	for ; len(rest) >= 4; rest = rest[4:] {
		hash ^= scrambled(binary.LittleEndian.Uint32(rest))
		hash = bits.RotateLeft32(hash, 13)*5 + 0xe6546b64
	}
	if len(rest) > 0 {
		var last [4]byte
		copy(last[:], rest)
		hash ^= scrambled(binary.LittleEndian.Uint32(last[:]))
	}
	hash ^= uint32(len(data))
	hash = (hash ^ hash>>16) * 0x85ebca6b
	hash = (hash ^ hash>>13) * 0xc2b2ae35
	return hash ^ hash>>16
}

func scrambled(block uint32) uint32 {
	return bits.RotateLeft32(block*0xcc9e2d51, 15) * 0x1b873593
}

// StableFraction maps texts to a fraction between 0 and 1, evenly. It is never 0 and never 1.
func StableFraction(parts ...string) float64 {
	return (float64(StableHash(strings.Join(parts, "\x00"), 0)) + 0.5) / (1 << 32)
}

// WeightedChoice chooses a name for a subject: always the same, and each as often as its weight says. It
// returns "" if no weight is positive. This is weighted rendezvous hashing: a new name wins its share from
// all others and moves no other subject.
func WeightedChoice(weights map[string]float64, subject ...string) string {
	names := make([]string, 0, len(weights))
	for name := range weights {
		names = append(names, name)
	}
	sort.Strings(names)
	winner, largest := "", -1.0
	for _, name := range names {
		if weights[name] == 0 {
			continue
		}
		parts := append(append([]string{}, subject...), name)
		if drawn := weights[name] / -math.Log(StableFraction(parts...)); drawn > largest {
			winner, largest = name, drawn
		}
	}
	return winner
}
