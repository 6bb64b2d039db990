import type { Scenario } from "../scenario.js";
export const sweep: Scenario = { name: "sweep", title: "", async run() {} };
