// Package recipes documents the patterns in its folders, which stay correct when many clients use them at
// once:
//
//   - ratelimit: fixed window, sliding window, token bucket
//   - lock: locks with leases, renewal and fencing tokens
//   - session: sessions with a sliding expiry, rotation and revocation
//   - cache: a cache that computes each value once, over all processes
//   - flag: feature flags with rollouts, rules and variants
//
// They use the keys and formats of the recipes for TypeScript and Python, so services of different languages
// share their data.
package recipes
