package flag

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// condition is what one attribute of a user must be.
type condition struct {
	attribute string
	holds     test
}

type test func(value any) bool

// conditionsOf checks conditions: of each attribute a value, a slice of values, or a map of comparisons.
func conditionsOf(what string, when map[string]any) ([]condition, error) {
	conditions := make([]condition, 0, len(when))
	for attribute, given := range when {
		holds, err := testOf(attribute+" of "+what, given)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, condition{attribute, holds})
	}
	return conditions, nil
}

// hold says whether all conditions hold for a user. A missing attribute fulfils none.
func hold(conditions []condition, user User) bool {
	for _, condition := range conditions {
		value, exists := user.attribute(condition.attribute)
		if !exists || !condition.holds(value) {
			return false
		}
	}
	return true
}

func testOf(what string, given any) (test, error) {
	comparisons, areComparisons := given.(map[string]any)
	if !areComparisons {
		return oneOf(what, given)
	}
	tests := make([]test, 0, len(comparisons))
	for name, operand := range comparisons {
		create, exists := operators[name]
		if !exists {
			return nil, recipe.InvalidOption("comparison of "+what, name, "not, moreThan, atLeast, lessThan, atMost, "+
				"startsWith, endsWith, contains, versionAtLeast or versionBelow")
		}
		holds, err := create(name+" of "+what, operand)
		if err != nil {
			return nil, err
		}
		tests = append(tests, holds)
	}
	if len(tests) == 0 {
		return nil, recipe.InvalidOption(what, "{}", "at least one comparison")
	}
	return func(value any) bool {
		for _, holds := range tests {
			if !holds(value) {
				return false
			}
		}
		return true
	}, nil
}

var operators = map[string]func(what string, operand any) (test, error){
	"not": func(what string, operand any) (test, error) {
		holds, err := oneOf(what, operand)
		return func(value any) bool { return !holds(value) }, err
	},
	"moreThan":       ofNumbers(func(value, bound float64) bool { return value > bound }),
	"atLeast":        ofNumbers(func(value, bound float64) bool { return value >= bound }),
	"lessThan":       ofNumbers(func(value, bound float64) bool { return value < bound }),
	"atMost":         ofNumbers(func(value, bound float64) bool { return value <= bound }),
	"startsWith":     ofTexts(func(value any, text string) bool { return strings.HasPrefix(orEmpty(value), text) }),
	"endsWith":       ofTexts(func(value any, text string) bool { return strings.HasSuffix(orEmpty(value), text) }),
	"contains":       ofTexts(contains),
	"versionAtLeast": ofVersions(func(compared float64) bool { return compared >= 0 }),
	"versionBelow":   ofVersions(func(compared float64) bool { return compared < 0 }),
}

func oneOf(what string, given any) (test, error) {
	values := map[any]bool{}
	for _, value := range listOf(given) {
		compared := comparable(value)
		if compared == nil {
			return nil, recipe.InvalidOption(what, value, "strings, finite numbers or booleans")
		}
		values[compared] = true
	}
	return func(value any) bool {
		compared := comparable(value)
		return compared != nil && values[compared]
	}, nil
}

func ofNumbers(holds func(value, bound float64) bool) func(string, any) (test, error) {
	return func(what string, operand any) (test, error) {
		bound, isNumber := comparable(operand).(float64)
		if !isNumber {
			return nil, recipe.InvalidOption(what, operand, "a finite number")
		}
		return func(value any) bool {
			number, isNumber := comparable(value).(float64)
			return isNumber && holds(number, bound)
		}, nil
	}
}

// ofTexts is about one of several texts that are not empty.
func ofTexts(holds func(value any, text string) bool) func(string, any) (test, error) {
	return func(what string, operand any) (test, error) {
		texts, err := textsOf(what, operand)
		return func(value any) bool {
			for _, text := range texts {
				if holds(value, text) {
					return true
				}
			}
			return false
		}, err
	}
}

func contains(value any, text string) bool {
	if whole, isText := value.(string); isText {
		return strings.Contains(whole, text)
	}
	for _, element := range listOf(value) {
		if element == any(text) {
			return true
		}
	}
	return false
}

func ofVersions(holds func(compared float64) bool) func(string, any) (test, error) {
	return func(what string, operand any) (test, error) {
		bound := versionOf(operand)
		if bound == nil {
			return nil, recipe.InvalidOption(what, operand, `a version such as "2.10.1"`)
		}
		return func(value any) bool {
			version := versionOf(value)
			if version == nil {
				return false
			}
			for at := 0; at < max(len(version), len(bound)); at++ {
				if difference := partAt(version, at) - partAt(bound, at); difference != 0 {
					return holds(difference)
				}
			}
			return holds(0)
		}, nil
	}
}

var versionForm = regexp.MustCompile(`^v?([0-9]+(?:\.[0-9]+)*)(?:[-+].*)?$`)

// versionOf returns the numbers of a version. What follows a "-" is ignored.
func versionOf(value any) []float64 {
	found := versionForm.FindStringSubmatch(textOf(value))
	if found == nil {
		return nil
	}
	parts := []float64{}
	for _, part := range strings.Split(found[1], ".") {
		number, _ := strconv.ParseFloat(part, 64)
		parts = append(parts, number)
	}
	return parts
}

func partAt(version []float64, at int) float64 {
	if at < len(version) {
		return version[at]
	}
	return 0
}

// textOf returns a string, number or boolean as JavaScript writes it, so that all languages put a user into the
// same bucket. It is empty for other values.
func textOf(value any) string {
	switch value := comparable(value).(type) {
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case float64:
		if size := math.Abs(value); value != 0 && (size < 1e-6 || size >= 1e21) {
			mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(value, 'e', -1, 64), "e")
			return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
		}
		return strconv.FormatFloat(value+0, 'f', -1, 64)
	}
	return ""
}

// comparable returns a value in the form in which it is compared: as in JSON all numbers are floats. It is
// nil for other values.
func comparable(value any) any {
	switch value := value.(type) {
	case string, bool:
		return value
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return nil
		}
		return value
	case float32:
		return comparable(float64(value))
	case int:
		return float64(value)
	case int32:
		return float64(value)
	case int64:
		return float64(value)
	case uint32:
		return float64(value)
	case uint64:
		return float64(value)
	}
	return nil
}

// listOf returns the values of a slice, or a single value.
func listOf(given any) []any {
	switch given := given.(type) {
	case []any:
		return given
	case []string:
		values := make([]any, len(given))
		for at, text := range given {
			values[at] = text
		}
		return values
	}
	return []any{given}
}

// textsOf checks one or several texts that are not empty.
func textsOf(what string, given any) ([]string, error) {
	texts := []string{}
	for _, value := range listOf(given) {
		text, isText := value.(string)
		if !isText || text == "" {
			return nil, recipe.InvalidOption(what, fmt.Sprint(value), "strings that are not empty")
		}
		texts = append(texts, text)
	}
	return texts, nil
}

func orEmpty(value any) string {
	text, _ := value.(string)
	return text
}
