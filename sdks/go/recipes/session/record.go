package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"time"

	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// record is the stored form of a session.
type record[Data any] struct {
	CreatedMs int64 `json:"createdMs"`
	// EndsMs is the end of its lifetime.
	EndsMs int64 `json:"endsMs"`
	// IdleMs is how long it may be unused. Zero: as the options say.
	IdleMs int64 `json:"idleMs,omitempty"`
	// Persistent says whether its cookie survives a restart of the browser. Nil: as the program does for all.
	Persistent *bool  `json:"persistent,omitempty"`
	UserID     string `json:"userId,omitempty"`
	Data       Data   `json:"data"`
}

func (r record[Data]) text() (string, error) { return recipe.JSON(r, "the session's data") }

func parse[Data any](text string) (record[Data], error) {
	var stored struct {
		CreatedMs, EndsMs *float64
		IdleMs            float64
		Persistent        *bool
		UserID            string
		Data              *json.RawMessage
	}
	var found record[Data]
	err := json.Unmarshal([]byte(text), &stored)
	if err == nil && stored.CreatedMs != nil && stored.EndsMs != nil {
		found.CreatedMs, found.EndsMs, found.UserID = int64(*stored.CreatedMs), int64(*stored.EndsMs), stored.UserID
		found.IdleMs, found.Persistent = int64(stored.IdleMs), stored.Persistent
		if stored.Data == nil {
			return found, nil // null
		}
		err = json.Unmarshal(*stored.Data, &found.Data)
		if err == nil {
			return found, nil
		}
	}
	message := "what is stored is not a session of this type"
	if err != nil {
		message += ": " + err.Error()
	}
	return found, &kvasir.Error{
		Code:    "value_not_json",
		Message: message,
		Hint:    "Give sessions a prefix, or a namespace, that nothing else writes to.",
	}
}

// spans are how long sessions live.
type spans struct{ idleMs, lifetimeMs int64 }

// endMs is when a session ends even if it is used. A lifetime that was shortened later applies to it too.
func (s spans) endMs(createdMs, endsMs, idleMs int64) int64 {
	return min(endsMs, createdMs+s.lifetimeOf(idleMs))
}

// lifetimeOf is longer for a session with an idle time of its own that is longer than the lifetime.
func (s spans) lifetimeOf(idleMs int64) int64 { return max(s.lifetimeMs, idleMs) }

// idleOf is the idle time of a session whose own is idleMs, or zero.
func (s spans) idleOf(idleMs int64) int64 {
	if idleMs == 0 {
		return s.idleMs
	}
	return idleMs
}

// indexMargin is how much longer than a session its entry in the index is stored.
const indexMargin = time.Hour

// idBytes is how many random bytes an id has. 256 bits cannot be guessed.
const idBytes = 32

// idForm is 256 bits as base64url without padding. The last character holds 4 bits.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$`)

// newID returns a new id. It is a secret: its holder has the session.
func newID() string {
	var id [idBytes]byte
	if _, err := rand.Read(id[:]); err != nil {
		panic(err) // The system has no random numbers.
	}
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// handleOf returns the handle of an id in the store, its SHA-256, or "" for a text that is not an id. Someone
// who can list keys or read a backup has no id to send as a cookie.
func handleOf(id string) string {
	if !idForm.MatchString(id) {
		return ""
	}
	digest := sha256.Sum256([]byte(id))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

func milliseconds(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
