import { defineConfig } from "vitest/config";
import { alias, browsers, generated } from "./vitest.config.ts";

/**
 * `npm run test:long`: what `npm test` shows by a representative, in all its combinations. Each
 * file here stands beside the one that holds the representative, and takes its cases from where
 * that one takes them.
 */
export default defineConfig({
	resolve: { alias },
	test: {
		...browsers,
		name: "long",
		include: ["{packages,examples}/**/*.long.test.ts", "scripts/**/*.long.test.ts"],
		exclude: generated,
	},
});
