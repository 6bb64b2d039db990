import { expect, it } from "vitest";
import { withKeyAsSegment } from "./paths.js";

it.each([
  ["/v2/storage/kvs/n/keys/a/b", "/v2/storage/kvs/n/keys/a%2Fb"],
  ["/v2/storage/kvs/n/keys/a%2Fb/c", "/v2/storage/kvs/n/keys/a%2Fb%2Fc"],
  ["/v2/storage/kvs/n/keys//", "/v2/storage/kvs/n/keys/%2F"],
  ["/v2/storage/kvs/n/keys/a/", "/v2/storage/kvs/n/keys/a%2F"],
  ["/v2/storage/kvs/n/keys/keys/keys", "/v2/storage/kvs/n/keys/keys%2Fkeys"],
])("makes one segment of the key in %s", (path, expected) => {
  expect(withKeyAsSegment(path)).toBe(expected);
});

it.each([
  ["/v2/storage/kvs/n/keys/a"],
  ["/v2/storage/kvs/n/keys/"],
  ["/v2/storage/kvs/n/keys"],
  ["/v2/storage/kvs/n/other/a/b"],
  ["/v2/storage/kvs/n"],
  ["/v2/storage/kvs/"],
  ["/v2/storage/kvs"],
  ["/v2/storage/kvs/keys/a/b"],
  ["/client/v4/accounts/a/storage/kv/namespaces/n/values/a/b"],
  ["/binding/n/v2/storage/kvs/n/keys/a/b"],
])("leaves %s as it is", (path) => {
  expect(withKeyAsSegment(path)).toBe(path);
});
