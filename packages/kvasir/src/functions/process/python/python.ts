import { delimiter } from "node:path";
import { packageFile } from "../../../package/package-files.js";
import { CONTROL_FD, SOCKET_FD } from "../function-process.js";
import type { ProcessDialect } from "../process-dialect.js";
import { findPython } from "./interpreter.js";

/** `npm run build` copies sdks/python to this folder. */
const PACKAGE = packageFile("dist/sdks/python");

/**
 * Starts the runner without the working directory in Python's path, which `python -m` puts first. Otherwise a file
 * `logging.py` or `json.py` beside the function would replace Python's own module in the runner. The runner adds the
 * function's folder after its own imports.
 */
const START_RUNNER =
  "import sys; '' in sys.path and sys.path.remove(''); from kvasir.runner.__main__ import main; sys.exit(main())";

/** `async def handler(request)`, served by the package's own runner. */
export const pythonDialect: ProcessDialect = {
  language: "Python",
  // Warnings and the logging module write to stderr.
  stderrLevel: "warn",
  usesOneCore: true,
  async prepare({ config, mode }) {
    const { main, root, prelude } = config;
    const own = process.env["PYTHONPATH"];
    return {
      ok: true,
      files: [main],
      launch: {
        command: findPython(root, process.env),
        args: [
          "-c",
          START_RUNNER,
          main,
          "--fd",
          String(SOCKET_FD),
          "--control-fd",
          String(CONTROL_FD),
          "--root",
          root,
          ...(prelude === undefined ? [] : ["--prelude", prelude]),
          ...(mode === "dev" ? ["--show-errors"] : []),
        ],
        folder: root,
        environment: {
          PYTHONPATH: own === undefined || own === "" ? PACKAGE : `${PACKAGE}${delimiter}${own}`,
          // Unbuffered: lines reach the terminal as soon as they are printed.
          PYTHONUNBUFFERED: "1",
          PYTHONUTF8: "1",
        },
      },
    };
  },
};
