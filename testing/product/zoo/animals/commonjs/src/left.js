import { Right } from "./right.js";

export class Left {
  name() {
    return `left of ${Right.label}`;
  }
}
