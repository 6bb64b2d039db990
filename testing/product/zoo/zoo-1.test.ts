import { describeZoo } from "./describe-zoo.js";

describeZoo({ part: 1, parts: 4 });
