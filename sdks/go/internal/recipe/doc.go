// Package recipe has what the recipes share: keys, hashes, clocks, checks of options. All languages make the
// same keys and hashes.
package recipe
