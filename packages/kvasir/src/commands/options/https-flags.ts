import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { Failure } from "../../failure/failure.js";
import type { ServerOptions } from "../../server/start-server.js";

/** wrangler's flags for https under `dev`. */
export interface HttpsFlags {
  readonly localProtocol?: "http" | "https";
  readonly httpsKeyPath?: string;
  readonly httpsCertPath?: string;
}

export function withHttpsFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--local-protocol <protocol>", "what the functions speak (default: http)").choices([
        "http",
        "https",
      ]),
    )
    .addOption(
      new Option("--https-key-path <file>", "the key for https (default: Kvasir makes one)").env(
        "WRANGLER_HTTPS_KEY_PATH",
      ),
    )
    .addOption(
      new Option("--https-cert-path <file>", "the certificate for https (default: Kvasir makes one)").env(
        "WRANGLER_HTTPS_CERT_PATH",
      ),
    );
}

/** @throws Failure if a key is given without a certificate, or the other way round */
export function httpsOptionsOf({
  localProtocol,
  httpsKeyPath: keyPath,
  httpsCertPath: certPath,
}: HttpsFlags): Pick<ServerOptions, "localProtocol" | "certificate"> {
  if (keyPath === undefined && certPath === undefined) return { localProtocol };
  if (keyPath === undefined || certPath === undefined) {
    throw new Failure("A certificate needs its key, and a key its certificate.", {
      hint: "Give both --https-key-path and --https-cert-path, or neither.",
    });
  }
  return { localProtocol, certificate: { keyPath: resolve(keyPath), certPath: resolve(certPath) } };
}
