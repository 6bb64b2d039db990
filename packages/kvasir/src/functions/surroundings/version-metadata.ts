import type { Surrounding } from "./worker-part.js";

/** `version_metadata`, in the form of `wrangler dev`: no version of a local Worker has a tag. */
export const versionMetadata: Surrounding = ({ versionMetadata: version }) => {
  if (version === undefined) return {};
  const { binding, id, timestamp } = version;
  return { bindings: [{ name: binding, json: JSON.stringify({ id, tag: "", timestamp }) }] };
};
