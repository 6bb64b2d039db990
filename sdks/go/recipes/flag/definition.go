package flag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"sort"

	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

const (
	listedUsersMax = 10_000
	rulesMax       = 100
	variantsMax    = 100
)

// Definition is a flag as stored. The zero value is a flag that all users have.
type Definition struct {
	// Enabled turns the flag off for all users if it points to false.
	Enabled *bool `json:"enabled,omitempty"`
	// Rollout is the percentage of users who have it, 0 to 100. Nil means 100. If it is raised, users who had
	// the flag keep it.
	Rollout *float64 `json:"rollout,omitempty"`
	// Allow lists ids of users who have it regardless of the rules and the rollout.
	Allow []string `json:"allow,omitempty"`
	// Deny lists ids of users who never have it. It wins over Allow.
	Deny []string `json:"deny,omitempty"`
	// Rules are tried in order. The first one that matches a user decides instead of Rollout.
	Rules []Rule `json:"rules,omitempty"`
	// Variants has the share of each variant among the users who have the flag, such as {"blue": 1, "green": 3}.
	Variants map[string]float64 `json:"variants,omitempty"`
	// Description is a note for people.
	Description string `json:"description,omitempty"`
}

// Rule decides for users with certain attributes.
type Rule struct {
	// When has attributes, each with one value or a slice of alternatives: strings, numbers, booleans. All must
	// match. "id" is the user's id.
	When    map[string]any `json:"when"`
	Enabled *bool          `json:"enabled,omitempty"`
	Rollout *float64       `json:"rollout,omitempty"`
	// Variant is that of the matching users, instead of one chosen by weight.
	Variant string `json:"variant,omitempty"`
}

// Bool returns a pointer, for Definition and Rule.
func Bool(value bool) *bool { return &value }

// Percent returns a pointer, for Definition and Rule.
func Percent(value float64) *float64 { return &value }

// flag is a checked definition.
type flag struct {
	Definition
	allow, deny map[string]bool
	// conditions has the values of each rule's attributes, in the form in which they are compared.
	conditions []map[string]map[any]bool
}

// parse reads a definition that another program may have written. An unknown member is an error, because it
// may be a misspelled one.
func parse(name string, text []byte) (*flag, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var definition Definition
	err := noNulls(text)
	if err == nil {
		err = decoder.Decode(&definition)
	}
	if err != nil {
		return nil, recipe.InvalidOption(fmt.Sprintf("definition of the flag %q", name), err.Error(), `one such as {"rollout": 10}`)
	}
	return check(name, definition)
}

// noNulls refuses members that are null, which Go would take for missing ones.
func noNulls(text []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	if members == nil {
		return fmt.Errorf("it is null")
	}
	for member, value := range members {
		if string(value) == "null" {
			return fmt.Errorf("%s is null", member)
		}
	}
	return nil
}

func check(name string, definition Definition) (*flag, error) {
	what := func(part string) string { return fmt.Sprintf("%s of the flag %q", part, name) }
	if err := checkPercent(what("rollout"), definition.Rollout); err != nil {
		return nil, err
	}
	if len(definition.Allow) > listedUsersMax || len(definition.Deny) > listedUsersMax {
		return nil, recipe.InvalidOption(what("list of users"), "a longer list", fmt.Sprintf("at most %d, or use a rule", listedUsersMax))
	}
	if len(definition.Rules) > rulesMax {
		return nil, recipe.InvalidOption(what("rules"), len(definition.Rules), fmt.Sprintf("at most %d", rulesMax))
	}
	if err := checkWeights(what("variants"), definition.Variants); err != nil {
		return nil, err
	}
	made := &flag{Definition: definition, allow: setOf(definition.Allow), deny: setOf(definition.Deny)}
	for at, rule := range definition.Rules {
		conditions, err := conditionsOf(what(fmt.Sprintf("rule %d", at+1)), rule, definition.Variants)
		if err != nil {
			return nil, err
		}
		made.conditions = append(made.conditions, conditions)
	}
	return made, nil
}

func conditionsOf(what string, rule Rule, variants map[string]float64) (map[string]map[any]bool, error) {
	if err := checkPercent("rollout of "+what, rule.Rollout); err != nil {
		return nil, err
	}
	// A rule that matches all users would hide all later rules. Rollout is for that.
	if len(rule.When) == 0 {
		return nil, recipe.InvalidOption("condition of "+what, rule.When, `at least one attribute, such as {"country": ["de"]}`)
	}
	if _, exists := variants[rule.Variant]; rule.Variant != "" && !exists {
		return nil, recipe.InvalidOption("variant of "+what, rule.Variant, "one of the flag's variants (its weight may be 0)")
	}
	conditions := map[string]map[any]bool{}
	for attribute, given := range rule.When {
		values, isList := given.([]any)
		if texts, areTexts := given.([]string); areTexts {
			isList = true
			for _, text := range texts {
				values = append(values, text)
			}
		}
		if !isList {
			values = []any{given}
		}
		conditions[attribute] = map[any]bool{}
		for _, value := range values {
			compared := comparable(value)
			if compared == nil {
				return nil, recipe.InvalidOption(attribute+" of "+what, value, "strings, finite numbers or booleans")
			}
			conditions[attribute][compared] = true
		}
	}
	return conditions, nil
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

func checkPercent(what string, value *float64) error {
	if value == nil || (*value >= 0 && *value <= 100) {
		return nil
	}
	return recipe.InvalidOption(what, *value, "a number from 0 to 100")
}

func checkWeights(what string, weights map[string]float64) error {
	if weights == nil {
		return nil
	}
	if len(weights) > variantsMax {
		return recipe.InvalidOption(what, len(weights), fmt.Sprintf("at most %d variants", variantsMax))
	}
	names := make([]string, 0, len(weights))
	sum := 0.0
	for name, weight := range weights {
		names = append(names, name)
		sum += weight
	}
	sort.Strings(names)
	for _, name := range names {
		if name == "" {
			return recipe.InvalidOption(what, name, "names that are not empty")
		}
		if weight := weights[name]; !(weight >= 0) || math.IsInf(weight, 0) {
			return recipe.InvalidOption(fmt.Sprintf("weight of %q", name), weight, "a number of at least 0")
		}
	}
	if !(sum > 0) {
		return recipe.InvalidOption(what, weights, `weights such as {"control": 1, "blue": 1}, one of them above 0`)
	}
	return nil
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}
