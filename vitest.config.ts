import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/**
 * What every project shares: tests run against the sources, with the network shut and the console
 * watched.
 */
export const shared = {
	setupFiles: [
		"./packages/portcullis/test/support/closed-network.ts",
		"./packages/portcullis/test/support/silence.ts",
		"./packages/portcullis/test/support/end-file.ts",
	],
	unstubEnvs: true,
	unstubGlobals: true,
};

/** Of the built files alone: `test/dist` holds tests. */
export const generated = ["**/node_modules/**", "{packages,examples}/*/dist/**"];

/** The long parts, which `npm run test:long` runs: see vitest.long.config.ts. */
const long = "**/*.long.test.ts";

/** What tests in a browser need. */
export const browsers = {
	...shared,
	globalSetup: ["./packages/portcullis/test/support/run-folder.ts"],
	// Two files at a time: a browser, an app and a provider keep one processor busy, and one of two
	// files mostly waits for something.
	maxWorkers: Math.min(2, availableParallelism()),
	testTimeout: 60_000,
	hookTimeout: 120_000,
	expect: { poll: { timeout: 10_000 } },
};

export const alias = {
	"#aead": fileURLToPath(new URL("packages/portcullis/src/crypto/node.ts", import.meta.url)),
};

export default defineConfig({
	test: {
		projects: [
			{
				resolve: { alias },
				test: {
					...shared,
					name: "unit",
					include: [
						"packages/portcullis/{src,test}/**/*.test.{ts,tsx}",
						"{examples,bench,scripts}/**/*.test.{ts,tsx}",
					],
					exclude: [...generated, "**/browsers/**", long],
					testTimeout: 10_000,
					// The files of a worker share what they import: loading it anew for each takes longer
					// than most tests. What a file changes in its process it puts back, and the setup files
					// see to the rest.
					isolate: false,
					// By default one processor is left idle: of two, that is half of them.
					maxWorkers: availableParallelism(),
					sequence: { groupOrder: 0 },
				},
			},
			{
				resolve: { alias },
				test: {
					...browsers,
					name: "browsers",
					include: [
						"packages/portcullis/test/browsers/**/*.test.ts",
						"examples/*/browsers/**/*.test.ts",
					],
					exclude: [...generated, "packages/portcullis/test/browsers/engines/**", long],
					// After the unit tests: together they would take each other's processors.
					sequence: { groupOrder: 1 },
				},
			},
		],
	},
});
