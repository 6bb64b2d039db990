import type { Animal } from "../../animal.js";

const animal: Animal = {
  like: "old packages from npm: CommonJS, a browser field that switches modules off, cyclic imports",
  files: {
    "node_modules/legacy-parser/package.json":
      '{"name":"legacy-parser","version":"0.1.0","main":"./lib/main","browser":{"fs":false,"./lib/net.js":"./lib/net-browser.js"}}',
    "node_modules/legacy-parser/lib/main.js": `var fs = require("fs");
var net = require("./net");
module.exports = exports = function parse(text) {
  var all = {};
  text.split(";").forEach(function (pair) { var at = pair.indexOf("="); all[pair.slice(0, at)] = pair.slice(at + 1); });
  all.fs = Object.keys(fs).length;
  all.net = net.where;
  return all;
};
exports.version = require("../package.json").version;
Object.defineProperty(exports, "__esModule", { value: false });
`,
    "node_modules/legacy-parser/lib/net.js": 'exports.where = "node";\n',
    "node_modules/legacy-parser/lib/net-browser.js": 'exports.where = "browser";\n',
  },
  async visit({ send }) {
    await send("GET /", { shows: '"ping":"ping pong ping end"' });
  },
};
export default animal;
