import { describeZoo } from "./describe-zoo.js";

describeZoo({ part: 4, parts: 4 });
