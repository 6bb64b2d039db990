/** Namespaces that have figures of their own in `/metrics`. The others are counted together. */
export const NAMESPACES_MEASURED_MAX = 50;
