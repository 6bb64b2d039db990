import { InvalidArgumentError, Option } from "commander";
import { Failure } from "../../failure/failure.js";
import { collect } from "./options.js";

/** `--cors`, which may be repeated. */
export function corsOption(): Option {
  return new Option(
    "--cors <origin>",
    "a site whose pages may call the API, such as https://app.example.com; repeat for more, * for all (default: none)",
  ).argParser((text: string, previous?: readonly string[]) => collect(parseOrigin(text), previous));
}

/** @throws Failure if every site may call an API that needs no token */
export function checkNotAnySite(origins: readonly string[] = []): void {
  if (!origins.includes("*")) return;
  throw new Failure("--cors '*' without tokens would open the data to every page that you visit.", {
    hint: "Name the sites, for example --cors https://app.example.com, or run `kvasir serve` with tokens.",
  });
}

/** The form in which a browser sends an origin. */
function parseOrigin(text: string): string {
  if (text === "*") return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && /^[^/]*\/\/[^/?#@]+\/?$/.test(text);
  if (isOrigin) return url.origin;
  throw new InvalidArgumentError("It must be a scheme and a host, such as https://app.example.com, or *.");
}
