import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** What every project shares: tests run against the sources, with the network shut and the console watched. */
export const shared = {
	setupFiles: ["./packages/portcullis/test/support/closed-network.ts", "./packages/portcullis/test/support/silence.ts"],
	unstubEnvs: true,
	unstubGlobals: true,
};

/** Of the built files alone: `test/dist` holds tests. */
const generated = ["**/node_modules/**", "{packages,examples}/*/dist/**"];

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
					include: ["packages/portcullis/{src,test}/**/*.test.{ts,tsx}", "{examples,bench,scripts}/**/*.test.{ts,tsx}"],
					exclude: [...generated, "**/browsers/**"],
					testTimeout: 10_000,
					sequence: { groupOrder: 0 },
				},
			},
			{
				resolve: { alias },
				test: {
					...shared,
					name: "browsers",
					include: ["packages/portcullis/test/browsers/**/*.test.ts", "examples/*/browsers/**/*.test.ts"],
					exclude: [...generated, "packages/portcullis/test/browsers/engines/**"],
					// A browser, an app and a provider share the machine: files run one at a time, after the unit tests.
					fileParallelism: false,
					sequence: { groupOrder: 1 },
					testTimeout: 60_000,
					hookTimeout: 120_000,
					expect: { poll: { timeout: 10_000 } },
				},
			},
		],
	},
});
