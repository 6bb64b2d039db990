import app from "../frontend/app.tpl";
import icon from "./data/favicon.ico";
import numbers from "./data/numbers.dat";
import raw from "./data/raw.bin";
import about from "./pages/about.html";
import readme from "./pages/deep/readme.md";
import note from "./pages/note.txt";
import query from "./pages/query.sql";

export default {
  async fetch(): Promise<Response> {
    return Response.json({
      texts: [app, about, readme, query, note],
      bytes: [icon, numbers, raw].map((buffer) => [...new Uint8Array(buffer)]),
    });
  },
};
