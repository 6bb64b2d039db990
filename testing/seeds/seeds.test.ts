import { printTable } from "./seed-table.ts";

/**
 * The programs of the seed documents, taken from them unchanged and run as functions. Their results are
 * compared with what the documents say. Time passes by an injected clock, or, for programs with a clock of
 * their own (Python, Go), by writing the expiry. The programs of @workkit/kv run in `testing/typed`.
 */

import "./telnyx-programs.ts";
import "./python-go-programs.ts";
import "./invoke-programs.ts";
import "./workers-kv-programs.ts";

printTable();
