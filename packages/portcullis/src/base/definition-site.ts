let isRecording = false;

/**
 * Where the caller of the function that calls this was called from, as `file:///app/server/authz.ts:12:3`.
 * `undefined` where the engine does not say.
 */
export function definitionSite(): string | undefined {
	return frame(3);
}

/** As `definitionSite`, but only while `recordSites` runs: state is made anew for each client, and a stack is dear. */
export function recordedSite(): string | undefined {
	return isRecording ? frame(3) : undefined;
}

/** Runs `work`, in which definitions note where they stand. Not for asynchronous work. */
export function recordSites<T>(work: () => T): T {
	isRecording = true;
	try {
		return work();
	} finally {
		isRecording = false;
	}
}

/** The address in a line of the stack: 0 is this function, 1 its caller, and so on. */
function frame(index: number): string | undefined {
	const lines = (new Error().stack ?? "").split("\n").filter((line) => /:\d+:\d+\)?$/.test(line));
	return /((?:[a-z][\w+.-]*:\/\/\/?|\/)[^()]*?:\d+:\d+)\)?$/i.exec(lines[index] ?? "")?.[1];
}
