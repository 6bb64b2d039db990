import { describeZoo } from "./describe-zoo.js";

describeZoo({ part: 3, parts: 4 });
