/** Most users of an allow or a deny list: a list is one value, and is read whole. Larger groups are a rule's matter. */
export const LISTED_USERS_MAX = 10_000;
/** Most rules of a flag; they are tried one after the other. */
export const RULES_MAX = 100;
/** Most flags that are remembered between two reads; beyond, the oldest is forgotten. */
export const REMEMBERED_FLAGS_MAX = 1_000;
