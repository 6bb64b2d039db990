import type { StandardSchemaV1 } from "@kvasir/client/typed";

/** What the suite stores. */
export interface User {
  readonly name: string;
  readonly email: string;
}

export const ADA: User = { name: "Ada", email: "ada@example.com" };
export const BOB: User = { name: "Bob", email: "bob@example.com" };

export const HAS_NAME: StandardSchemaV1<unknown, User> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value === "object" && value !== null && "name" in value
        ? { value: value as User }
        : { issues: [{ message: "has no name", path: ["name"] }] },
  },
};
