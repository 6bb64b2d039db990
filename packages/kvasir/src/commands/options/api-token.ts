import { readFileSync } from "node:fs";
import { Option } from "commander";
import { Failure } from "../../failure/failure.js";
import { takeVariable } from "./process-environment.js";

export function tokenFileOption(description: string): Option {
  return new Option("--token-file <file>", description).env("KVASIR_TOKEN_FILE");
}

/**
 * The API token of this command, from `KVASIR_TOKEN` or from a file. Removes `KVASIR_TOKEN` from this
 * process.
 *
 * @throws Failure when both are given, or when the file cannot be read or is empty
 */
export function takeApiToken({ tokenFile }: { readonly tokenFile?: string } = {}): string | undefined {
  const token = takeVariable("KVASIR_TOKEN") || undefined;
  if (tokenFile === undefined || tokenFile === "") return token;
  if (token !== undefined) {
    throw new Failure("KVASIR_TOKEN and --token-file (KVASIR_TOKEN_FILE) both give a token.", {
      hint: "Give one of them.",
    });
  }
  const text = readFileSync(tokenFile, "utf8").trim();
  if (text !== "") return text;
  throw new Failure(`${tokenFile} is empty.`, { hint: "It must hold the API token and nothing else." });
}
