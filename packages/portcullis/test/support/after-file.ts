const acts: (() => unknown)[] = [];

/**
 * Does something when the tests of a file are over: for modules that several files import. A hook
 * at the top of such a module would be one of the first file alone, because files that share a
 * process load a module once. Said once for all files of the process.
 */
export function afterEachFile(act: () => unknown): void {
	acts.push(act);
}

/** For the setup file. */
export async function endFile(): Promise<void> {
	for (const act of acts) await act();
}
