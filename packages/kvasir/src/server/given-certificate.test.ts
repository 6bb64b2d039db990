import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { givenCertificate } from "./given-certificate.js";
import { ownCertificate } from "./own-certificate.js";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kvasir-certificate-"));
  await ownCertificate({ data: folder, host: "localhost", nowMs: Date.now() });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pkcs8 = { type: "pkcs8", format: "pem" } as const;
  const files = {
    "other.pem": privateKey.export(pkcs8),
    "secret.pem": privateKey.export({ ...pkcs8, cipher: "aes-256-cbc", passphrase: "hush" }),
    "text.pem": "not a key",
    "damaged-key.pem": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "damaged-cert.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [KEY, CERT] = ["https/key.pem", "https/cert.pem"];
const read = (key: string, cert: string) =>
  givenCertificate({ keyPath: join(folder, key), certPath: join(folder, cert) });

it("reads a key and its certificate", () => {
  expect(read(KEY, CERT).certificates).toContain("BEGIN CERTIFICATE");
});

it.each([
  ["gone.pem", CERT, /^The key \S+gone\.pem does not exist\.$/],
  [KEY, "gone.pem", /^The certificate \S+gone\.pem does not exist\.$/],
  ["https", CERT, /^The key \S+https is a folder\.$/],
  ["text.pem", CERT, /text\.pem holds no private key in PEM form\.$/],
  [CERT, KEY, /cert\.pem holds no private key in PEM form\.$/],
  ["secret.pem", CERT, /^The key in \S+secret\.pem is protected by a passphrase\.$/],
  ["damaged-key.pem", CERT, /^The private key in \S+ is damaged\.$/],
  [KEY, "text.pem", /text\.pem holds no certificate in PEM form\.$/],
  [KEY, "damaged-cert.pem", /^The certificate in \S+ is damaged\.$/],
  ["other.pem", CERT, /^The certificate in \S+cert\.pem does not belong to the key in \S+other\.pem\.$/],
])("refuses %s with %s in one sentence", (key, cert, message) => {
  expect(() => read(key, cert)).toThrow(message);
});
