import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import type { TlsKeypair } from "../functions/workerd/tls-keypair.js";
import { CERTIFICATE_DAYS, CERTIFICATE_RENEWAL_DAYS } from "./limits.js";

const FOLDER = "https";
const DAY_MS = 86_400_000;
/** Addresses that mean every address of the machine. */
const ANY_ADDRESS = new Set(["0.0.0.0", "::"]);
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "::1"];

export interface OwnCertificateOptions {
  /** The data directory. */
  readonly data: string;
  /** The host on which the server listens. */
  readonly host: string;
  readonly nowMs: number;
}

/**
 * The certificate of `dev`, signed by itself. It is kept below the data directory, so that a browser's exception
 * for it holds until it is renewed: a month before it ends, or when the host is none of its names.
 */
export async function ownCertificate({ data, host, nowMs }: OwnCertificateOptions): Promise<TlsKeypair> {
  const folder = join(data, FOLDER);
  const files = { key: join(folder, "key.pem"), certificate: join(folder, "cert.pem") };
  const kept = readKept(files);
  const names = ANY_ADDRESS.has(host) ? LOOPBACK_NAMES : [...new Set([...LOOPBACK_NAMES, host])];
  if (kept !== undefined && isUsable(kept, names, nowMs)) return kept;
  const made = await makeCertificate(names, nowMs);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  replace(files.key, made.privateKey);
  replace(files.certificate, made.certificates);
  return made;
}

interface CertificateFiles {
  readonly key: string;
  readonly certificate: string;
}

function readKept({ key, certificate }: CertificateFiles): TlsKeypair | undefined {
  try {
    // Private again, if it was copied meanwhile.
    chmodSync(key, 0o600);
    return { privateKey: readFileSync(key, "utf8"), certificates: readFileSync(certificate, "utf8") };
  } catch {
    return undefined;
  }
}

/** The files may be damaged, or be those of two starts at the same time. */
function isUsable(
  { privateKey, certificates }: TlsKeypair,
  names: readonly string[],
  nowMs: number,
): boolean {
  try {
    const certificate = new X509Certificate(certificates);
    const renewMs = Date.parse(certificate.validTo) - CERTIFICATE_RENEWAL_DAYS * DAY_MS;
    const covers = (name: string) =>
      isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined;
    return (
      nowMs >= Date.parse(certificate.validFrom) &&
      nowMs < renewMs &&
      names.every(covers) &&
      certificate.checkPrivateKey(createPrivateKey(privateKey))
    );
  } catch {
    return false;
  }
}

async function makeCertificate(names: readonly string[], nowMs: number): Promise<TlsKeypair> {
  // Imported lazily: only the first start needs it.
  const { default: selfsigned } = await import("selfsigned");
  const made = await selfsigned.generate([{ name: "commonName", value: "Kvasir on this machine" }], {
    keyType: "ec",
    algorithm: "sha256",
    // Clocks of clients may be late.
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(nowMs + CERTIFICATE_DAYS * DAY_MS),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: names.map((name) =>
          isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name },
        ),
      },
    ],
  });
  return { privateKey: made.private, certificates: made.cert };
}

/** Other starts never read half a file. */
function replace(file: string, content: string): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, content, { mode: 0o600 });
  renameSync(fresh, file);
}
