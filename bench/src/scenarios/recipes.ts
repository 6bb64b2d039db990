import { open } from "@kvasir/store";
import type { Scenario } from "../core/scenario.js";
import { summarize } from "../core/summary.js";
import { recipeRequests } from "../fixtures/recipe-requests.js";

/** Counts, not times. `testing/recipes/cost.test.ts` compares each count with the recipe's page. */
export const recipes: Scenario = {
  name: "recipes",
  title: "What does each operation of a recipe ask of the store?",
  async run({ report, targetsOnly }) {
    if (targetsOnly) return;
    const database = open(":memory:");
    try {
      for (const { recipe, operation, requests } of await recipeRequests(database.namespace("recipes"))) {
        report({ what: `${recipe}: ${operation}`, unit: "requests", figure: summarize([requests]) });
      }
    } finally {
      await database.close();
    }
  },
};
