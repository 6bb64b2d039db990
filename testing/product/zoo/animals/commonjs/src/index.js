import * as everything from "legacy-parser";
import parse, { version } from "legacy-parser";
import data from "./data.json";
import { Left } from "./left.js";
import ping from "./ping.js";

const lazy = () => import("./lazy.js");

export default {
  async fetch(request) {
    const { default: late, named } = await lazy();
    return Response.json({
      ping: ping(3),
      parsed: parse("a=1;b=2"),
      version,
      keys: Object.keys(everything).sort(),
      left: new Left().name(),
      late,
      named,
      data,
    });
  },
};
