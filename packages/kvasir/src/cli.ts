import { CommanderError } from "commander";
import { describeFailure, type FailureText } from "./commands/failure.js";
import { createProgram } from "./commands/program.js";
import { normaliseArguments } from "./commands/wrangler-arguments.js";
import { colorsFor } from "./terminal/colors.js";
import { endQuietlyWhenReaderLeaves, noteLine } from "./terminal/output.js";
import { VERSION } from "./version.js";

endQuietlyWhenReaderLeaves();
process.exitCode = await run(normaliseArguments(process.argv.slice(2)));

async function run(argv: readonly string[]): Promise<number> {
  const program = await createProgram(argv, VERSION);
  try {
    await program.parseAsync(argv.length === 0 ? ["--help"] : [...argv], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (isBareGroup(error)) {
      groupOf(argv).outputHelp();
      return 0;
    }
    await reportFailure(error, argv);
    return 1;
  }

  // `kvasir kv` asks what there is, which is not a mistake.
  function groupOf(words: readonly string[]) {
    let command = program;
    for (const word of words) command = command.commands.find((child) => child.name() === word) ?? command;
    return command;
  }
}

function isBareGroup(error: unknown): boolean {
  return error instanceof CommanderError && error.code === "commander.help";
}

async function reportFailure(error: unknown, argv: readonly string[]): Promise<void> {
  const failure = error instanceof CommanderError ? describeUsageError(error, argv) : describeFailure(error);
  if (argv.includes("--json")) {
    await noteLine(JSON.stringify({ event: "error", ...failure }));
  } else {
    const colors = colorsFor(process.stderr);
    const sentences = [failure.message, failure.hint].filter((text) => text !== undefined).map(endSentence);
    await noteLine(`${colors.red("error:")} ${sentences.join(" ")}`);
  }
  if ((process.env["KVASIR_DEBUG"] ?? "") !== "" && error instanceof Error) {
    await noteLine(error.stack ?? error.message);
    if (error.cause instanceof Error) await noteLine(`caused by ${error.cause.stack}`);
  }
}

function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function describeUsageError(error: CommanderError, argv: readonly string[]): FailureText {
  const [first = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const end = argv.findIndex((word) => word.startsWith("-"));
  const words = (end === -1 ? argv : argv.slice(0, end)).filter((word) => /^[a-z]+$/.test(word)).slice(0, 3);
  const hint = suggestion?.replace(/^\((.*)\)$/, "$1") ?? "";
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, "")}.`;
  return { message, hint: `${hint} See \`kvasir ${[...words, "--help"].join(" ")}\`.`.trim() };
}
