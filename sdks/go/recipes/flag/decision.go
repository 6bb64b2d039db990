package flag

import "github.com/kvasir-kv/kvasir/sdks/go/internal/recipe"

// User is the user of a decision. The zero value stands for nobody in particular.
type User struct {
	ID string
	// Attributes are what rules check: strings, numbers and booleans. "id" is always ID.
	Attributes map[string]any
}

// Reason is the part of a definition that decided.
type Reason string

const (
	// Missing: the flag is neither stored nor among the defaults.
	Missing Reason = "missing"
	// Disabled: it is off for all users.
	Disabled Reason = "disabled"
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
}

// decide needs no request: the same flag, user and definition give the same decision in every language.
//
// Without a user a percentage counts only if it is 100, and only a rule can give a variant: an unknown user
// belongs to no share.
func decide(name string, f *flag, user User) Decision {
	if f == nil {
		return Decision{Reason: Missing}
	}
	made := verdict(name, f, user)
	if !made.Enabled {
		return made
	}
	if made.Rule > 0 {
		made.Variant = f.Rules[made.Rule-1].Variant
	}
	if made.Variant == "" && user.ID != "" {
		made.Variant = recipe.WeightedChoice(f.Variants, "variant", name, user.ID)
	}
	return made
}

func verdict(name string, f *flag, user User) Decision {
	switch {
	case !orTrue(f.Enabled):
		return Decision{Reason: Disabled}
	case user.ID != "" && f.deny[user.ID]:
		return Decision{Reason: Denied}
	case user.ID != "" && f.allow[user.ID]:
		return Decision{Enabled: true, Reason: Allowed}
	}
	for at, conditions := range f.conditions {
		if holds(conditions, user) {
			rule := f.Rules[at]
			enabled := orTrue(rule.Enabled) && isWithin(rule.Rollout, name, user.ID)
			return Decision{Enabled: enabled, Reason: ByRule, Rule: at + 1}
		}
	}
	return Decision{Enabled: isWithin(f.Rollout, name, user.ID), Reason: Rollout}
}

func holds(conditions map[string]map[any]bool, user User) bool {
	for attribute, values := range conditions {
		var value any
		if attribute != "id" {
			value = comparable(user.Attributes[attribute])
		} else if user.ID != "" {
			value = user.ID
		}
		if value == nil || !values[value] {
			return false
		}
	}
	return true
}

func isWithin(percentage *float64, name, id string) bool {
	if percentage == nil || *percentage >= 100 {
		return true
	}
	return id != "" && recipe.StableFraction("rollout", name, id) < *percentage/100
}

func orTrue(value *bool) bool { return value == nil || *value }
