import { it } from "vitest";
import { languages } from "../../src/views/languages/index.ts";
import { DESKTOP, PHONE, useViewStage } from "./view-stage.ts";
import { viewVariants } from "./view-variants.ts";

// What views.test.ts shows by one look of each page and by two languages, in all others.

const stage = useViewStage();

it.each([
	{ viewport: PHONE, colorScheme: "dark" },
	{ viewport: DESKTOP, colorScheme: "light" },
] as const)(
	"every page passes axe, WCAG 2.2 AA, $viewport.width wide, in $colorScheme",
	async (look) => stage.expectAccessible(look, await viewVariants()),
);

it.each(Object.keys(languages).filter((tag) => tag !== "en"))(
	"in %s no page scrolls sideways on a small phone, and what people see most passes axe",
	(tag) => stage.expectFitsIn(tag),
);
