import { printTable } from "./seed-table.ts";

/**
 * The JavaScript programs of the documents that Kvasir is held to, taken out of them as they are and run on workerd;
 * what they answer is checked against what the documents say. Time passes by an injected clock. The same documents'
 * Python and Go programs run in `testing/functions-python-go`, those of @workkit/kv in `testing/typed`.
 */

import "./telnyx-programs.ts";
import "./invoke-programs.ts";
import "./workers-kv-programs.ts";

printTable();
