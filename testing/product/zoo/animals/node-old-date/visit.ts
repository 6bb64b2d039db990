import type { Animal } from "../../animal.js";
import newDate from "../node-new-date/visit.js";

const animal: Animal = {
  ...newDate,
  like: "Workers that use Node's modules, at the first date of nodejs_compat v2",
  project: "node-new-date",
  args: ["--compatibility-date", "2024-09-23"],
};
export default animal;
