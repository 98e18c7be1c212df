import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Views } from "../../src/views/index.ts";
import { assertFreshBuild } from "./built-package.ts";
import { extractCodeBlocks } from "./code-blocks.ts";
import { repositoryFolder } from "./source-tree.ts";

/** The branded set of docs/views.md as it stands there, on the built package. */
export async function loadGuideViews(): Promise<Partial<Views>> {
	assertFreshBuild();
	const temporary = join(repositoryFolder, ".tmp");
	mkdirSync(temporary, { recursive: true });
	const folder = mkdtempSync(join(temporary, "branded-"));
	try {
		const guide = readFileSync(join(repositoryFolder, "docs/views.md"), "utf8");
		const block = extractCodeBlocks(guide).find(({ code }) =>
			code.startsWith("// server/views.ts\n"),
		);
		writeFileSync(join(folder, "views.ts"), block?.code ?? "");
		const { views } = (await import(pathToFileURL(join(folder, "views.ts")).href)) as {
			views: Partial<Views>;
		};
		return views;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
