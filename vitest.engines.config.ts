import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/**
 * `npm run test:browsers`: the same behaviour in three engines, apart from `npm test` because it
 * needs two more browsers.
 */
export default defineConfig({
	resolve: {
		alias: {
			"#aead": fileURLToPath(new URL("packages/portcullis/src/crypto/node.ts", import.meta.url)),
		},
	},
	test: {
		name: "engines",
		include: ["packages/portcullis/test/browsers/engines/**/*.test.ts"],
		setupFiles: [
			"./packages/portcullis/test/support/closed-network.ts",
			"./packages/portcullis/test/support/silence.ts",
			"./packages/portcullis/test/support/end-file.ts",
		],
		fileParallelism: false,
		testTimeout: 60_000,
		hookTimeout: 120_000,
	},
});
