import { type UnsupportedBinding, unsupportedBinding } from "../src/wire/absent-binding.js";

export default (inner: UnsupportedBinding) => unsupportedBinding(inner);
