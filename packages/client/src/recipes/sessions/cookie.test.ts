import { describe, expect, test } from "vitest";
import { type CookieAttributes, parseCookies, serializeCookie } from "./cookie.js";

describe("serializeCookie", () => {
  const sent: [name: string, value: string, attributes: CookieAttributes | undefined, header: string][] = [
    ["a", "1", undefined, "a=1; Path=/; HttpOnly; Secure; SameSite=Lax"],
    ["a", "", { maxAgeSeconds: 0 }, "a=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"],
    ["__Host-a", "b-_=", { sameSite: "Strict" }, "__Host-a=b-_=; Path=/; HttpOnly; Secure; SameSite=Strict"],
    [
      "__Secure-a",
      "1",
      { domain: "example.com", path: "/x y", maxAgeSeconds: 60 },
      "__Secure-a=1; Path=/x y; Domain=example.com; Max-Age=60; HttpOnly; Secure; SameSite=Lax",
    ],
    [
      "a",
      "1",
      { sameSite: "None", partitioned: true },
      "a=1; Path=/; HttpOnly; Secure; SameSite=None; Partitioned",
    ],
    ["a", "1", { secure: false, httpOnly: false }, "a=1; Path=/; SameSite=Lax"],
    [
      "a",
      "!#$%&'()*+-./:<=>?@[]^_`{|}~",
      { secure: false },
      "a=!#$%&'()*+-./:<=>?@[]^_`{|}~; Path=/; HttpOnly; SameSite=Lax",
    ],
  ];
  test.each(sent)("%s=%s with %o", (name, value, attributes, header) => {
    expect(serializeCookie(name, value, attributes)).toBe(header);
  });

  const refused: [name: string, value: string, attributes: object, reason: RegExp][] = [
    ["", "1", {}, /its name/],
    ["a b", "1", {}, /its name/],
    ["a=b", "1", {}, /its name/],
    ["ä", "1", {}, /its name/],
    ["a", "1 2", {}, /its value/],
    ["a", "1;2", {}, /its value/],
    ["a", '"1"', {}, /its value/],
    ["a", "1,2", {}, /its value/],
    ["a", "1\\2", {}, /its value/],
    ["a", "1\r\nSet-Cookie: b=2", {}, /its value/],
    ["a", "ä", {}, /its value/],
    ["a", "x".repeat(4096), {}, /longer than 4096/],
    ["a", "1", { path: "x" }, /no path/],
    ["a", "1", { path: "/;Domain=evil.example" }, /no path/],
    ["a", "1", { path: "/\r\n" }, /no path/],
    ["a", "1", { path: `/${"x".repeat(1024)}` }, /no path/],
    ["a", "1", { domain: ".example.com" }, /no host name/],
    ["a", "1", { domain: "example.com; Path=/x" }, /no host name/],
    ["a", "1", { domain: "" }, /no host name/],
    ["a", "1", { domain: `${"x".repeat(1024)}.com` }, /no host name/],
    ["a", "1", { maxAgeSeconds: -1 }, /maxAgeSeconds/],
    ["a", "1", { maxAgeSeconds: 1.5 }, /maxAgeSeconds/],
    ["a", "1", { maxAgeSeconds: 34_560_001 }, /maxAgeSeconds/],
    ["a", "1", { sameSite: "lax" }, /SameSite/],
    ["a", "1", { sameSite: "None", secure: false }, /SameSite=None needs Secure/],
    ["a", "1", { partitioned: true, secure: false }, /Partitioned needs Secure/],
    ["__Secure-a", "1", { secure: false }, /prefix needs Secure/],
    ["__secure-a", "1", { secure: false }, /prefix needs Secure/],
    ["__Host-a", "1", { secure: false }, /prefix needs Secure/],
    ["__Host-a", "1", { path: "/x" }, /__Host-/],
    ["__hOST-a", "1", { domain: "example.com" }, /__Host-/],
  ];
  test.each(refused)("refuses %s=%s with %o", (name, value, attributes, reason) => {
    const send = () => serializeCookie(name, value, attributes);
    expect(send).toThrow(reason);
    expect(send).toThrow(expect.objectContaining({ code: "option_invalid", hint: expect.any(String) }));
  });
});

test.each<[header: string | null | undefined, cookies: Record<string, string>]>([
  [undefined, {}],
  [null, {}],
  ["", {}],
  ["a=1", { a: "1" }],
  ["a=1; b=2", { a: "1", b: "2" }],
  [" a = 1 ;b=2;", { a: "1", b: "2" }],
  ["a=1; a=2", { a: "1" }],
  ["a=b=c", { a: "b=c" }],
  ['a="1"', { a: '"1"' }],
  ["a=%20", { a: "%20" }],
  ["a; b=2", { b: "2" }],
  ["__proto__=1", JSON.parse('{"__proto__":"1"}')],
  ["a=", { a: "" }],
])("parseCookies of %j", (header, cookies) => {
  expect(Object.fromEntries(parseCookies(header))).toEqual(cookies);
});
