import { describeZoo } from "./describe-zoo.js";

describeZoo({ part: 2, parts: 4 });
