import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { Failure } from "../failure/failure.js";
import type { TlsKeypair } from "../functions/workerd/tls-keypair.js";

/** Files of the user with a key and its certificate. */
export interface CertificateFiles {
  readonly keyPath: string;
  readonly certPath: string;
}

const PEM_BEGIN = /-----BEGIN ([A-Z0-9 ]+)-----/;

/**
 * Reads a key and its certificate.
 *
 * @throws Failure that names the file if one of them cannot be used, or if they do not belong together
 */
export function givenCertificate({ keyPath, certPath }: CertificateFiles): TlsKeypair {
  const privateKey = readFile(keyPath, "key");
  const certificates = readFile(certPath, "certificate");
  const key = parseKey(privateKey, keyPath);
  const certificate = parseCertificate(certificates, certPath);
  if (certificate.checkPrivateKey(key)) return { privateKey, certificates };
  throw new Failure(`The certificate in ${certPath} does not belong to the key in ${keyPath}.`, {
    hint: "Give the key with which the certificate was made, and the server's own certificate first in its file.",
  });
}

function parseKey(pem: string, path: string): KeyObject {
  const kind = PEM_BEGIN.exec(pem)?.[1];
  if (kind?.endsWith("PRIVATE KEY") !== true) {
    throw new Failure(`${path} holds no private key in PEM form.`, {
      hint: "Give --https-key-path a file that begins with -----BEGIN PRIVATE KEY-----.",
    });
  }
  if (kind.includes("ENCRYPTED") || /^Proc-Type:.*ENCRYPTED/m.test(pem)) {
    throw new Failure(`The key in ${path} is protected by a passphrase.`, {
      hint: `Write it without one: openssl pkey -in ${path} -out key.pem`,
    });
  }
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Failure(`The private key in ${path} is damaged.`, { hint: "Make the key again.", cause });
  }
}

function parseCertificate(pem: string, path: string): X509Certificate {
  if (PEM_BEGIN.exec(pem)?.[1]?.endsWith("CERTIFICATE") !== true) {
    throw new Failure(`${path} holds no certificate in PEM form.`, {
      hint: "Give --https-cert-path a file that begins with -----BEGIN CERTIFICATE-----.",
    });
  }
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new Failure(`The certificate in ${path} is damaged.`, {
      hint: "Make the certificate again.",
      cause,
    });
  }
}

function readFile(path: string, what: "key" | "certificate"): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    throw new Failure(`The ${what} ${path} ${REASONS[code] ?? `cannot be read (${code})`}.`, {
      hint: "Check the paths of --https-key-path and --https-cert-path.",
      cause,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is a folder",
  EACCES: "cannot be read: this user has no permission",
};
