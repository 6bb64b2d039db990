import { Command } from "commander";
import { COMMANDS, type CommandEntry, GROUPS } from "./registry.js";

/** The tree of commands. Loads only the commands that `argv` may name. */
export async function createProgram(argv: readonly string[], version: string): Promise<Command> {
  const program = new Command("kvasir");
  program
    .description("Workers KV, its API and the function runtime, on your own machine.")
    .version(version, "-v, --version", "print the version")
    .addHelpText("after", HELP);
  const words = leadingWords(argv);
  const commands = await Promise.all(
    COMMANDS.map(async (entry) => [entry, await createEntry(entry, words)] as const),
  );
  for (const [{ path }, command] of commands) groupOf(path, program).addCommand(command);
  configureAll(program);
  return program;
}

/** The command or group that the words at the start of `argv` lead to. */
export function namedCommand(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (const word of leadingWords(argv)) {
    const child = command.commands.find((candidate) => candidate.name() === word);
    if (child === undefined) break;
    command = child;
  }
  return command;
}

/** The words that lead to a command, such as `kvasir kv key`. */
export function commandLine(command: Command): string {
  return command.parent === null ? command.name() : `${commandLine(command.parent)} ${command.name()}`;
}

const HELP = `
Start here:
  $ kvasir dev                        run the Worker of this folder
  $ kvasir kv key list --binding KV   look into its namespace
  $ kvasir <command> --help           what a command takes, with examples

Set KVASIR_DEBUG=1 to see stack traces.`;

async function createEntry(entry: CommandEntry, words: readonly string[]): Promise<Command> {
  if (!couldMean(entry.path, words)) return new Command(entry.path.at(-1)).summary(entry.summary);
  const { createCommand } = await entry.load();
  return createCommand().summary(entry.summary);
}

/** Whether `words` lead to the command at `path` or to a group of it. Without words no command is needed. */
function couldMean(path: readonly string[], words: readonly string[]): boolean {
  return words.length > 0 && path.every((word, index) => index >= words.length || words[index] === word);
}

function leadingWords(argv: readonly string[]): readonly string[] {
  const words = argv[0] === "help" ? argv.slice(1) : argv;
  const end = words.findIndex((word) => word.startsWith("-"));
  return end === -1 ? words : words.slice(0, end);
}

/** The group that a command belongs to. Creates the group and its parents if they are missing. */
function groupOf(path: readonly string[], program: Command): Command {
  let group = program;
  for (const [depth, word] of path.slice(0, -1).entries()) {
    const summary = GROUPS[path.slice(0, depth + 1).join(" ")] ?? "";
    const found = group.commands.find((command) => command.name() === word);
    group = found ?? addGroup(group, word, summary);
  }
  return group;
}

function addGroup(parent: Command, name: string, summary: string): Command {
  const description = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  const group = new Command(name).summary(summary).description(description);
  parent.addCommand(group);
  return group;
}

/** Makes commander throw its errors, so that one place prints them and ends the process. */
function configureAll(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .helpOption("-h, --help", "show this help")
    .showSuggestionAfterError(true);
  for (const child of command.commands) configureAll(child);
}
