package recipe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kvasir-kv/kvasir/sdks/go"
)

// Key joins a prefix and parts with ":". ":" and "%" in a part are escaped, so different parts never collide.
func Key(prefix string, parts ...string) (string, error) {
	escaped := make([]string, len(parts))
	for at, part := range parts {
		if part == "" {
			return "", &kvasir.Error{Code: "key_invalid", Message: "a name is empty", Hint: "Pass at least one character."}
		}
		escaped[at] = escape.Replace(part)
	}
	key := prefix + strings.Join(escaped, ":")
	if len(key) > KeyBytesMax {
		return "", &kvasir.Error{
			Code:    "key_too_long",
			Message: fmt.Sprintf("the key %.40q… has %d bytes; %d fit", key, len(key), KeyBytesMax),
			Hint:    "Use a shorter name or prefix, or the hash of a long name.",
		}
	}
	return key, nil
}

var escape = strings.NewReplacer("%", "%25", ":", "%3A")

// KeyPart reverses the escaping of Key.
func KeyPart(escaped string) string {
	return strings.ReplaceAll(strings.ReplaceAll(escaped, "%3A", ":"), "%25", "%")
}

// ClientKeyParts returns the key parts for a text that a client chose: itself, or "sha256" and its hash if it
// is empty, too long, not UTF-8, or begins with NUL. A hash has one more part, so no text equals the hash of
// another one.
func ClientKeyParts(text string) []string {
	fits := text != "" && text[0] != 0 && utf8.ValidString(text) && len(utf16.Encode([]rune(text))) <= ClientKeyLengthMax
	if fits {
		return []string{text}
	}
	digest := sha256.Sum256([]byte(jsonString(text)))
	return []string{"sha256", hex.EncodeToString(digest[:])}
}

// JSON returns a value as JSON, in the form of the other languages: without escapes for HTML.
func JSON(value any, what string) (string, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", Fail(err, "value_invalid", what+" cannot be stored: "+err.Error(), "Pass a value that JSON can represent.")
	}
	return strings.TrimSuffix(buffer.String(), "\n"), nil
}

// StoreTTL returns the TTL after which the store removes an entry that its recipe no longer needs, in whole
// seconds. Recipes with shorter spans keep their own deadline in the value.
func StoreTTL(span time.Duration) time.Duration {
	return min(StoreTTLMax, max(StoreTTLMin, (span+time.Second-1)/time.Second*time.Second))
}

// jsonString writes a string as JavaScript's JSON.stringify does, which the hashes of long keys depend on.
// Bytes that are not UTF-8 stay as they are, so that different texts have different hashes.
func jsonString(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for at := 0; at < len(text); at++ {
		switch character := text[at]; character {
		case '"', '\\':
			out.WriteByte('\\')
			out.WriteByte(character)
		case '\b':
			out.WriteString(`\b`)
		case '\f':
			out.WriteString(`\f`)
		case '\n':
			out.WriteString(`\n`)
		case '\r':
			out.WriteString(`\r`)
		case '\t':
			out.WriteString(`\t`)
		default:
			if character < 0x20 {
				fmt.Fprintf(&out, `\u%04x`, character)
			} else {
				out.WriteByte(character)
			}
		}
	}
	out.WriteByte('"')
	return out.String()
}
