import { printTable } from "./seed-table.js";

/**
 * The programs of the documents that Kvasir is held to, taken out of them as they are and run as functions; what they
 * answer is checked against what the documents say. Time passes by an injected clock, or where a program has a clock
 * of its own (Python, Go) by writing the expiry. Those of @workkit/kv run in `workkit.test.ts`.
 */

import "./telnyx-programs.ts";
import "./python-go-programs.ts";
import "./invoke-programs.ts";
import "./workers-kv-programs.ts";

printTable();
