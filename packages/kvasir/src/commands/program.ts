import { Command } from "commander";
import { COMMANDS, type CommandEntry, GROUPS } from "./registry.js";

/** The tree of commands, with those loaded that `argv` can mean. */
export async function createProgram(argv: readonly string[], version: string): Promise<Command> {
  const program = new Command("kvasir");
  program
    .description("Workers KV, its API and the function runtime, on your own machine.")
    .version(version, "-v, --version", "print the version")
    .addHelpText("after", HELP);
  const groups = new Map<string, Command>([["", program]]);
  for (const { path, summary } of GROUPS) {
    const group = new Command(path.at(-1)).description(summary);
    groups.set(path.join(" "), group);
    parentOf(path, groups).addCommand(group);
  }
  const words = leadingWords(argv);
  const commands = await Promise.all(COMMANDS.map((entry) => createEntry(entry, words)));
  for (const [index, entry] of COMMANDS.entries()) {
    const command = commands[index];
    if (command !== undefined) parentOf(entry.path, groups).addCommand(command);
  }
  configureAll(program);
  return program;
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

/** `kv` can mean every `kv …`; no words (flags first) can mean anything. */
function couldMean(path: readonly string[], words: readonly string[]): boolean {
  return words.length > 0 && path.every((word, index) => index >= words.length || words[index] === word);
}

function leadingWords(argv: readonly string[]): readonly string[] {
  const words = argv[0] === "help" ? argv.slice(1) : argv;
  const end = words.findIndex((word) => word.startsWith("-"));
  return end === -1 ? words : words.slice(0, end);
}

function parentOf(path: readonly string[], groups: ReadonlyMap<string, Command>): Command {
  const parent = groups.get(path.slice(0, -1).join(" "));
  if (parent === undefined) throw new TypeError(`No group for the command ${path.join(" ")}`);
  return parent;
}

/** Failures are thrown and shown in one place; commander neither prints them nor ends the process. */
function configureAll(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .helpOption("-h, --help", "show this help")
    .showSuggestionAfterError(true);
  for (const child of command.commands) configureAll(child);
}
