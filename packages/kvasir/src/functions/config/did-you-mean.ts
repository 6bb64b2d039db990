import leven from "leven";

/** The known name that is nearest to a wrong one. `undefined` if none is near. */
export function didYouMean(wrong: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((name) => ({ name, distance: hasSameLetters(wrong, name) ? 1 : leven(wrong, name) }))
    .filter(({ distance }) => distance <= distanceMax(wrong))
    .sort((one, other) => one.distance - other.distance);
  return nearest?.name;
}

/** Two letters in the wrong order are one slip of the fingers, and two edits. */
function hasSameLetters(one: string, other: string): boolean {
  return [...one].sort().join("") === [...other].sort().join("");
}

/** How many edits may separate a name from what was meant: a third of its letters. */
function distanceMax(name: string): number {
  return Math.max(1, Math.floor(name.length / 3));
}
