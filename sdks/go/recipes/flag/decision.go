package flag

import (
	"encoding/json"
	"slices"

	"github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"
)

// User is the user of a decision. The zero value stands for nobody in particular.
type User struct {
	ID string
	// Attributes are what rules check: strings, numbers, booleans, and slices for "contains". "id" is always ID.
	Attributes map[string]any
}

// Reason is the part of a definition that decided.
type Reason string

const (
	// Missing: the flag is neither stored nor among the defaults.
	Missing Reason = "missing"
	// Disabled: it is off for all users.
	Disabled Reason = "disabled"
	// Prerequisite: the user lacks a flag that it requires.
	Prerequisite Reason = "prerequisite"
	// Denied and Allowed: the user is on that list.
	Denied  Reason = "denied"
	Allowed Reason = "allowed"
	// ByRule: the rule with the number Rule matches the user.
	ByRule Reason = "rule"
	// Rollout: the user is, or is not, among the percentage of users that have it.
	Rollout Reason = "rollout"
)

// Decision is what a flag decides for a user.
type Decision struct {
	Enabled bool
	// Variant is empty if the flag is off for the user or has no variants.
	Variant string
	Reason  Reason
	// Rule is the number of the rule that decided. The first one is 1. Zero if none decided.
	Rule int
	// Source is "store", "memory" for a definition that was read earlier, or "default" while the store is
	// unavailable.
	Source string
	// Value is that of the rule, the variant or the flag. It is nil if the flag is off for the user or has none.
	Value any
}

// world is what a decision depends on besides the flag itself.
type world struct {
	segments map[string][][]condition
	// flag returns another flag, which this one requires.
	flag func(name string) *flag
}

// decide needs no request: the same flag, user and definition give the same decision in every language. above are
// the flags that require this one, to end circles: a flag that requires itself is off.
//
// Without a user a percentage counts only if it is 100, and only a rule can give a variant: an unknown user
// belongs to no share.
func (w world) decide(name string, f *flag, user User, above ...string) Decision {
	if f == nil {
		return Decision{Reason: Missing}
	}
	if orTrue(f.Enabled) && !w.meets(f, user, append(above[:len(above):len(above)], name)) {
		return Decision{Reason: Prerequisite}
	}
	bucket := user.bucket(f.BucketBy)
	made := w.verdict(name, f, user, bucket)
	if !made.Enabled {
		return made
	}
	if made.Rule > 0 {
		made.Variant, made.Value = f.Rules[made.Rule-1].Variant, f.Rules[made.Rule-1].Value
	}
	if made.Variant == "" && bucket != "" {
		made.Variant = recipe.WeightedChoice(f.Variants, "variant", name, bucket)
	}
	if made.Value == nil {
		made.Value = f.Values[made.Variant]
	}
	if made.Value == nil {
		made.Value = f.Value
	}
	return made
}

func (w world) meets(f *flag, user User, above []string) bool {
	for name, variants := range f.requires {
		if slices.Contains(above, name) {
			return false
		}
		decision := w.decide(name, w.flag(name), user, above...)
		if !decision.Enabled || (variants != nil && !slices.Contains(variants, any(decision.Variant))) {
			return false
		}
	}
	return true
}

func (w world) verdict(name string, f *flag, user User, bucket string) Decision {
	switch {
	case !orTrue(f.Enabled):
		return Decision{Reason: Disabled}
	case user.ID != "" && f.deny[user.ID]:
		return Decision{Reason: Denied}
	case user.ID != "" && f.allow[user.ID]:
		return Decision{Enabled: true, Reason: Allowed}
	}
	for at, checked := range f.rules {
		if hold(checked.conditions, user) && w.isInOne(checked.segments, user) {
			rule := f.Rules[at]
			enabled := orTrue(rule.Enabled) && isWithin(rule.Rollout, name, bucket)
			return Decision{Enabled: enabled, Reason: ByRule, Rule: at + 1}
		}
	}
	return Decision{Enabled: isWithin(f.Rollout, name, bucket), Reason: Rollout}
}

// isInOne says whether a user is in one of these groups, or none is named. An unknown group has no users.
func (w world) isInOne(segments []string, user User) bool {
	for _, name := range segments {
		for _, conditions := range w.segments[name] {
			if hold(conditions, user) {
				return true
			}
		}
	}
	return segments == nil
}

// attribute returns an attribute and whether the user has it.
func (u User) attribute(name string) (any, bool) {
	if name == "id" {
		return u.ID, u.ID != ""
	}
	value, exists := u.Attributes[name]
	return value, exists
}

// bucket returns what rollouts and variants depend on. It is empty if the user does not have it.
func (u User) bucket(attribute string) string {
	if attribute == "" || attribute == "id" {
		return u.ID
	}
	return textOf(u.Attributes[attribute])
}

// Value returns the value of a decision, or otherwise if there is none that JSON can make a T.
func Value[T any](decision Decision, otherwise T) T {
	if decision.Value == nil {
		return otherwise
	}
	var value T
	text, err := json.Marshal(decision.Value)
	if err != nil || json.Unmarshal(text, &value) != nil {
		return otherwise
	}
	return value
}

func isWithin(percentage *float64, name, id string) bool {
	if percentage == nil || *percentage >= 100 {
		return true
	}
	return id != "" && recipe.StableFraction("rollout", name, id) < *percentage/100
}

func orTrue(value *bool) bool { return value == nil || *value }
