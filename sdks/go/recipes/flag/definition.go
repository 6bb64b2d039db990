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
	// Value is the value for users who have the flag: any JSON but null.
	Value any `json:"value,omitempty"`
	// Values has the value for each variant, instead of Value.
	Values map[string]any `json:"values,omitempty"`
	// BucketBy is the attribute of the user that rollouts and variants depend on, such as "company", so that all
	// users of a company get the same. Empty means "id".
	BucketBy string `json:"bucketBy,omitempty"`
	// Requires has other flags that the user must have: true, the name of a variant, or a slice of names.
	// Otherwise the flag is off.
	Requires map[string]any `json:"requires,omitempty"`
	// Description is a note for people.
	Description string `json:"description,omitempty"`
}

// Rule decides for users with certain attributes.
type Rule struct {
	// When has attributes, each with one value or a slice of alternatives: strings, numbers, booleans; or with
	// comparisons, such as map[string]any{"atLeast": 18}. All must match. "id" is the user's id. It may be left
	// out if there is a Segment.
	When map[string]any `json:"when,omitempty"`
	// Segment is the name of one of Options.Segments, or a slice of names: the user must be in one of them.
	Segment any      `json:"segment,omitempty"`
	Enabled *bool    `json:"enabled,omitempty"`
	Rollout *float64 `json:"rollout,omitempty"`
	// Variant is that of the matching users, instead of one chosen by weight.
	Variant string `json:"variant,omitempty"`
	// Value is the value for these users.
	Value any `json:"value,omitempty"`
}

// Bool returns a pointer, for Definition and Rule.
func Bool(value bool) *bool { return &value }

// Percent returns a pointer, for Definition and Rule.
func Percent(value float64) *float64 { return &value }

// flag is a checked definition.
type flag struct {
	Definition
	allow, deny map[string]bool
	rules       []checkedRule
	// requires has the variants of each required flag, nil for any or none.
	requires map[string][]any
}

// checkedRule is what a rule is about. segments is nil if it names none.
type checkedRule struct {
	conditions []condition
	segments   []string
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

// noNulls refuses members that are null or empty, which Go would take for missing ones.
func noNulls(text []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	if members == nil {
		return fmt.Errorf("it is null")
	}
	for member, value := range members {
		if string(value) == "null" && member != "value" && member != "bucketBy" {
			return fmt.Errorf("%s is null", member)
		}
		if string(value) == `""` && member == "bucketBy" {
			return fmt.Errorf("%s is empty", member)
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
		checked, err := checkRule(what(fmt.Sprintf("rule %d", at+1)), rule, definition.Variants)
		if err != nil {
			return nil, err
		}
		made.rules = append(made.rules, checked)
	}
	for variant := range definition.Values {
		if _, exists := definition.Variants[variant]; !exists {
			return nil, recipe.InvalidOption(what("values"), variant, "names of the flag's variants")
		}
	}
	requires, err := requirementsOf(name, what("requires"), definition.Requires)
	if err != nil {
		return nil, err
	}
	made.requires = requires
	return made, nil
}

func checkRule(what string, rule Rule, variants map[string]float64) (checkedRule, error) {
	var checked checkedRule
	if err := checkPercent("rollout of "+what, rule.Rollout); err != nil {
		return checked, err
	}
	// A rule that matches all users would hide all later rules. Rollout is for that.
	if len(rule.When) == 0 && rule.Segment == nil {
		return checked, recipe.InvalidOption("condition of "+what, rule.When, `at least one attribute, such as {"country": ["de"]}`)
	}
	if _, exists := variants[rule.Variant]; rule.Variant != "" && !exists {
		return checked, recipe.InvalidOption("variant of "+what, rule.Variant, "one of the flag's variants (its weight may be 0)")
	}
	var err error
	if rule.Segment != nil {
		if checked.segments, err = textsOf("segment of "+what, rule.Segment); err != nil {
			return checked, err
		}
	}
	checked.conditions, err = conditionsOf(what, rule.When)
	return checked, err
}

// requirementsOf returns the variants of each required flag, nil for any or none.
func requirementsOf(flag, what string, given map[string]any) (map[string][]any, error) {
	requirements := map[string][]any{}
	for other, needed := range given {
		if other == flag {
			return nil, recipe.InvalidOption(what, other, "other flags")
		}
		if needed == true {
			requirements[other] = nil
			continue
		}
		variants := listOf(needed)
		for _, variant := range variants {
			if _, isText := variant.(string); !isText {
				return nil, recipe.InvalidOption(what, needed, "true, or names of variants")
			}
		}
		requirements[other] = append([]any{}, variants...)
	}
	return requirements, nil
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
