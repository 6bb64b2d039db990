/**
 * Names between functions and the API: workerd's config, the code inside workerd, Python and Go processes send them, the
 * server reads them. The SDKs for Python and Go have copies, which a test compares with these.
 */

/** The id of the namespace that a request on the functions' socket is about. */
export const NAMESPACE_HEADER = "kvasir-namespace";
/** The ids of all namespaces that a function may reach, separated by commas. */
export const NAMESPACES_HEADER = "kvasir-namespaces";
/** The secret of this start, where the functions' socket is a loopback port. */
export const SECRET_HEADER = "kvasir-secret";
/** `bytes`: a value is sent and received as it is, whatever the namespace's encoding in the Telnyx dialect. */
export const VALUE_FORM_HEADER = "kvasir-value-form";

/** Where entries may live from one second on. */
export const SHORT_LIVED_PATH = "/kvasir/short-lived";
/** Reads several entries in one request. */
export const READ_BATCH_PATH = "/bulk/read";
