import { CommanderError } from "commander";
import { commandLine, createProgram, namedCommand } from "./commands/program.js";
import { normaliseArguments } from "./commands/wrangler-arguments.js";
import { describeFailure, Failure, type FailureText } from "./failure/failure.js";
import { VERSION } from "./package/version.js";
import { FAILED_EXIT_MS_MAX } from "./server/limits.js";
import { colorsFor } from "./terminal/colors.js";
import { logLine } from "./terminal/log-line.js";
import { endQuietlyWhenReaderLeaves, noteLine } from "./terminal/output.js";

/** The commands whose JSON lines are a log. */
const SERVERS: ReadonlySet<string> = new Set(["dev", "serve"]);

endQuietlyWhenReaderLeaves();
process.exitCode = await run(normaliseArguments(process.argv.slice(2)));
if (process.exitCode !== 0) setTimeout(() => process.exit(), FAILED_EXIT_MS_MAX).unref();

async function run(argv: readonly string[]): Promise<number> {
  const program = await createProgram(argv, VERSION);
  try {
    await program.parseAsync(argv.length === 0 ? ["--help"] : [...argv], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const named = namedCommand(program, argv);
    if (isBareGroup(error)) {
      // `kvasir kv` asks for the list of subcommands, which is not a mistake.
      named.outputHelp();
      return 0;
    }
    await reportFailure(
      error instanceof CommanderError
        ? describeUsageError(error, commandLine(named))
        : describeFailure(error),
      { json: argv.includes("--json"), isServer: SERVERS.has(named.name()) },
    );
    if ((process.env["KVASIR_DEBUG"] ?? "") !== "" && error instanceof Error) await reportStack(error);
    return error instanceof Failure ? error.exitCode : 1;
  }
}

function isBareGroup(error: unknown): boolean {
  return error instanceof CommanderError && error.code === "commander.help";
}

async function reportFailure(
  failure: FailureText,
  { json, isServer }: { readonly json: boolean; readonly isServer: boolean },
): Promise<void> {
  if (json) {
    const event = { event: "error", ...failure } as const;
    return await noteLine(isServer ? logLine(event, Date.now()) : JSON.stringify(event));
  }
  const sentences = [failure.message, failure.hint].filter((text) => text !== undefined).map(endSentence);
  await noteLine(`${colorsFor(process.stderr).red("error:")} ${sentences.join(" ")}`);
}

async function reportStack(error: Error): Promise<void> {
  await noteLine(error.stack ?? error.message);
  if (error.cause instanceof Error) await noteLine(`caused by ${error.cause.stack}`);
}

function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/**
 * Turns commander's own messages (`error: unknown option '--x'`, perhaps with a suggestion) into sentences.
 */
function describeUsageError(error: CommanderError, command: string): FailureText {
  const [first = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const message = endSentence(`${first.charAt(0).toUpperCase()}${first.slice(1)}`);
  const hint = `See \`${command} --help\`.`;
  return {
    message,
    hint: suggestion === undefined ? hint : `${suggestion.replace(/^\((.*)\)$/, "$1")} ${hint}`,
  };
}
