/** A Cap'n Proto value, for workerd's config. */
export type CapnpValue =
  | string
  | boolean
  | number
  | Uint8Array
  /** Cap'n Proto's `void`. */
  | null
  | readonly CapnpValue[]
  | { readonly [field: string]: CapnpValue | undefined };
