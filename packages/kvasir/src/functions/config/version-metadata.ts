import * as v from "valibot";

/** `version_metadata`: the name of a binding with facts about the running version. */
export const versionMetadataSchema = v.looseObject(
  { binding: v.pipe(v.string("must be a name"), v.nonEmpty("must not be empty")) },
  'must be like { "binding": "CF_VERSION_METADATA" }',
);
