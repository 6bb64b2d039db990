import { PRINTED_TARGET_LENGTH_MAX } from "./limits.js";

/** Stands for what must not be printed. */
const HIDDEN = "***";
/** Names of parameters whose values are secrets. */
const SECRET_PARTS =
  /token|secret|passw|passphrase|credential|signature|jwt|bearer|authori[sz]ation|(api|access|private)[-_.]?key/i;
const SECRET_NAMES = /^(code|otp)$|(^|[-_.])(auth|pass|pwd|pin|sig|sid|session|sessionid)$/i;
/** A token of `kvasir token create`, wherever it stands. */
const OWN_TOKEN = /kvasir_[\w-]{43}/g;

/**
 * The path and query of a request, in the form for logs: values of parameters whose names promise a secret are
 * hidden, and so are Kvasir's own tokens. Long ones are cut.
 */
export function printedTarget(target: string): string {
  const [path = "", ...queries] = target.split("?");
  const query = queries.join("?");
  const shown = queries.length === 0 ? path : `${path}?${query.split("&").map(printedParameter).join("&")}`;
  const safe = shown.replace(OWN_TOKEN, HIDDEN);
  return safe.length <= PRINTED_TARGET_LENGTH_MAX ? safe : `${safe.slice(0, PRINTED_TARGET_LENGTH_MAX)}…`;
}

function printedParameter(parameter: string): string {
  const at = parameter.indexOf("=");
  if (at === -1) return parameter;
  const name = decoded(parameter.slice(0, at));
  const isSecret = SECRET_PARTS.test(name) || SECRET_NAMES.test(name);
  return isSecret ? `${parameter.slice(0, at)}=${HIDDEN}` : parameter;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
