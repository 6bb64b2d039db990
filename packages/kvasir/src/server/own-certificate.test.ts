import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ownCertificate } from "./own-certificate.js";

const NOW_MS = Date.parse("2026-06-01T12:00:00Z");
const DAY_MS = 86_400_000;

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "kvasir-certificate-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const start = ({ host = "127.0.0.1", nowMs = NOW_MS } = {}) => ownCertificate({ data, host, nowMs });

it("makes a certificate for this machine, and keeps it for this user alone", async () => {
  const { privateKey, certificates } = await start();
  const certificate = new X509Certificate(certificates);
  expect(certificate.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
  expect(certificate.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
  expect(Date.parse(certificate.validTo) - NOW_MS).toBe(365 * DAY_MS);
  expect(readFileSync(join(data, "https/key.pem"), "utf8")).toBe(privateKey);
  for (const [name, mode] of [["https", 0o700] as const, ["https/key.pem", 0o600] as const]) {
    expect(statSync(join(data, name)).mode & 0o777).toBe(mode);
  }
});

it("uses the same certificate until a month before its end", async () => {
  const first = await start();
  expect(await start()).toEqual(first);
  expect(await start({ nowMs: NOW_MS + 334 * DAY_MS })).toEqual(first);
  const renewed = await start({ nowMs: NOW_MS + 336 * DAY_MS });
  expect(renewed).not.toEqual(first);
  expect(await start({ nowMs: NOW_MS + 337 * DAY_MS })).toEqual(renewed);
});

it("makes another one for a host that is none of its names", async () => {
  const first = await start({ host: "0.0.0.0" });
  expect(await start({ host: "localhost" })).toEqual(first);
  for (const host of ["192.168.7.7", "box.example"]) {
    expect(new X509Certificate((await start({ host })).certificates).subjectAltName).toContain(host);
  }
});

it.each([
  ["key.pem", "damaged"],
  ["cert.pem", "damaged"],
  ["cert.pem", ""],
])("replaces a %s that holds %j", async (name, content) => {
  const first = await start();
  writeFileSync(join(data, "https", name), content);
  const second = await start();
  expect(second).not.toEqual(first);
  expect(await start()).toEqual(second);
});
