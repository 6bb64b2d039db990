/** An error of the mock in the form of the API. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly item: { readonly code: number; readonly message: string };

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.item = { code, message };
  }
}

export const refusals = {
  token: () => new ApiRefusal(400, 9106, "Authentication failed (status: 400)"),
  account: () => new ApiRefusal(403, 10_000, "Authentication error"),
  route: (path: string) =>
    new ApiRefusal(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`),
  namespace: (verb: string) => new ApiRefusal(404, 10_013, `${verb}: 'namespace not found'`),
  key: () => new ApiRefusal(404, 10_009, "get: 'key not found'"),
  title: () =>
    new ApiRefusal(
      400,
      10_014,
      "create namespace: 'a namespace with this account ID and title already exists'",
    ),
  invalid: (message: string) => new ApiRefusal(400, 10_001, message),
  large: (message: string) => new ApiRefusal(413, 10_022, message),
};
