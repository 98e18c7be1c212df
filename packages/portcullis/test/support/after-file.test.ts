import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, repositoryFolder } from "./source-tree.ts";

// The files of a worker share the modules that they import: a hook at the top of one is registered
// for the first of them.

const SETUP = /test\/support\/(?:closed-network|silence|end-file)\.ts$/;

test("only test files and setup files register hooks when they are loaded", () => {
	const helpers = ["packages/portcullis/src", "packages/portcullis/test", "examples", "bench"]
		.flatMap((folder) =>
			filesBelow(join(repositoryFolder, folder), [".ts", ".tsx"]).map(
				(file) => `${folder}/${file}`,
			),
		)
		.filter((path) => !/\.test\.tsx?$|node_modules\//.test(path) && !SETUP.test(path));
	expect(helpers.length).toBeGreaterThan(100);
	const hooked = helpers.filter((path) =>
		/^(?:before|after)(?:All|Each)\(/m.test(readFileSync(join(repositoryFolder, path), "utf8")),
	);
	expect(hooked).toEqual([]);
});
