/** What a locator names, without loading an engine. A command line needs that before it needs a store. */
export { directoryOf } from "./engines/places.js";
export { shownLocator } from "./store/locator.js";
