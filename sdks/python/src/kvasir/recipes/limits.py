"""Limits of the recipes. They equal those of the TypeScript recipes, with which they share entries."""

#: Longest client key that stays readable, in UTF-16 code units.
CLIENT_KEY_LENGTH_MAX = 80
#: Shortest TTL that all APIs accept, in seconds.
STORE_TTL_SECONDS_MIN = 60
#: Longest TTL that all APIs accept, in seconds.
STORE_TTL_SECONDS_MAX = 2_147_483_647
#: Longest time span in options, in seconds: a hundred years.
SPAN_SECONDS_MAX = 3_155_760_000
#: How much longer than needed an entry with a deadline is stored, in seconds, because clocks may differ.
CLOCK_DIFFERENCE_SECONDS = 60
#: Largest step back of a clock for which the time merely stands still, in milliseconds.
CLOCK_STEP_BACK_MS_MAX = 1_000
#: Attempts of a read-change-write under contention.
CHANGE_ATTEMPTS_MAX = 50
#: Longest pause between two of these attempts, in milliseconds.
CHANGE_PAUSE_MS_MAX = 100
#: Most calls of one process that may wait for a change of the same entry.
BATCH_WAITERS_MAX = 10_000

#: Largest limit of a limiter.
RATE_LIMIT_MAX = 999_999_999_999_999
#: Parts of a sliding window.
SLIDING_PARTS = 60
#: Longest name of a limit, in characters.
POLICY_NAME_LENGTH_MAX = 64
#: Most keys whose rejection a process remembers. Beyond that the oldest is dropped.
REFUSED_KEYS_MAX = 10_000
#: `Retry-After` while the store is unavailable, in seconds.
STORE_RETRY_SECONDS = 1

#: Longest lease of a lock, in seconds: a day.
LOCK_SECONDS_MAX = 86_400
#: First pause before a held lock is checked again, in milliseconds. It doubles each time.
LOCK_PAUSE_MS = 10
#: Longest pause of that kind, in milliseconds.
LOCK_PAUSE_MS_MAX = 500
#: Shortest pause before a renewal, in milliseconds.
RENEW_PAUSE_MS_MIN = 100
#: How long the owner of a lock that was never released is stored, in seconds: 30 days.
OWNER_SECONDS = 2_592_000

#: Random bytes of a session's id. 256 bits cannot be guessed.
SESSION_ID_BYTES = 32
#: How much longer than a session its entry in the index is stored, in seconds.
INDEX_MARGIN_SECONDS = 3_600
#: Smallest prolongation worth a write near the end of the lifetime, in milliseconds.
LAST_RENEWAL_MS_MIN = 60_000
#: Most sessions that one commit removes. Each needs two operations, and a commit has at most 1,000.
SESSIONS_PER_COMMIT_MAX = 400
#: Passes of `revoke_all`, which looks again for sessions that were created meanwhile.
REVOKE_PASSES_MAX = 100
#: Most sessions of a user that `list` reads.
LISTED_SESSIONS_MAX = 10_000

#: Longest time for which an entry is cached, in seconds: a year.
CACHE_SECONDS_MAX = 31_536_000
#: Longest time for which an entry with tags is cached, in seconds: 30 days. An entry must not outlive the
#: record of its invalidation.
TAGGED_SECONDS_MAX = 2_592_000
#: Most tags of an entry. They are read together with it in one request.
TAGS_MAX = 90
#: Longest lease of a computation, in seconds.
LEASE_SECONDS_MAX = 3_600
#: First pause of a caller that waits for another process, in milliseconds. It doubles each time.
POLL_MS = 5
#: Longest pause of that kind, in milliseconds.
POLL_MS_MAX = 250
#: Leases of other callers for which a caller waits before it computes itself.
LEASES_WAITED_MAX = 2
#: Failed computations of other callers for which a caller waits before it fails too.
FAILURES_SHARED_MAX = 2

#: Most users of an allow or deny list.
LISTED_USERS_MAX = 10_000
#: Most rules of a flag.
RULES_MAX = 100
#: Most variants of a flag.
VARIANTS_MAX = 100
#: Most flags that are kept in memory. Beyond that the oldest is dropped.
REMEMBERED_FLAGS_MAX = 1_000
#: Deepest chain of flags that require each other. Flags beyond it count as missing.
REQUIRED_LEVELS_MAX = 10
