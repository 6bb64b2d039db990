import { Left } from "./left.js";

export class Right {
  static get label() {
    return `right of ${Left.name}`;
  }
}
