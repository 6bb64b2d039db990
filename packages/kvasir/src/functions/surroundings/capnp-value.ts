/** A Cap'n Proto value, for workerd's config. */
export type CapnpValue =
  | string
  | boolean
  | number
  | Uint8Array
  | readonly CapnpValue[]
  | { readonly [field: string]: CapnpValue | undefined };
