import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import "./run-folder.ts";

/**
 * Does something that all test files of a run need, but none of them by itself, such as to build a
 * front end: the first one that comes does it, the others wait. Two that did it at once would write
 * over each other's files.
 *
 * @throws in all of them if it fails.
 */
export async function onceInARun(name: string, act: () => Promise<unknown>): Promise<void> {
	const folder = join(inject("runFolder"), name);
	const result = join(folder, "result");
	if (isFirst(folder)) {
		const failure = await act().then(
			() => "",
			(error: unknown) => String(error) || "failed",
		);
		// Whole or not there, never half.
		writeFileSync(`${result}.new`, failure);
		renameSync(`${result}.new`, result);
	}
	while (!existsSync(result)) await new Promise((resolve) => setTimeout(resolve, 50));
	const failure = readFileSync(result, "utf8");
	if (failure !== "") throw new Error(`${name} failed: ${failure}`);
}

function isFirst(folder: string): boolean {
	try {
		mkdirSync(folder);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw error;
	}
}
