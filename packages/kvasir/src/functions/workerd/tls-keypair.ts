/** What a server proves its name with. */
export interface TlsKeypair {
  /** In PEM form. */
  readonly privateKey: string;
  /** In PEM form, the server's own certificate first. */
  readonly certificates: string;
}
