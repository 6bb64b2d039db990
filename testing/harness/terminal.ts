const TERMINAL = `
import os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
inputs = [terminal, 0]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if 0 in ready:
        keys = os.read(0, 100)
        if keys:
            os.write(terminal, keys)
        else:
            inputs.remove(0)
    if terminal in ready:
        try:
            shown = os.read(terminal, 65536)
        except OSError:
            break
        if not shown:
            break
        os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/**
 * Goes before a command, to run it on a terminal of its own. Its input are keys, its output is what the terminal shows.
 * Needs Python. A signal that ends the command is its exit code, as 256 less its number.
 */
export const ON_A_TERMINAL = ["python3", "-c", TERMINAL] as const;
