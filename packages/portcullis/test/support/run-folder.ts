import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
	interface ProvidedContext {
		/**
		 * A folder for what the files of one run share; empty when the run begins, and gone after it.
		 */
		readonly runFolder: string;
	}
}

/** Global setup of the browser tests. */
export default function setUp(project: TestProject): () => void {
	const folder = mkdtempSync(join(tmpdir(), "portcullis-run-"));
	project.provide("runFolder", folder);
	return () => rmSync(folder, { recursive: true, force: true });
}
