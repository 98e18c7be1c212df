let isRecording = false;
/** Where the caller of `definedAt` says that a definition stands. */
let said: { readonly site: string | undefined } | undefined;

/**
 * Where the caller of the function that calls this was called from, as
 * `file:///app/server/authz.ts:12:3`. `undefined` where the engine does not say.
 */
export function definitionSite(): string | undefined {
	if (said === undefined) return frame(3);
	const { site } = said;
	said = undefined;
	return site;
}

/** Runs `work`, whose first definition stands where a function of ours was called from. */
export function definedAt<T>(site: string | undefined, work: () => T): T {
	said = { site };
	try {
		return work();
	} finally {
		said = undefined;
	}
}

/**
 * As `definitionSite`, but only while `recordSites` runs: state is made anew for each client, and a
 * stack is dear.
 */
export function recordedSite(): string | undefined {
	return isRecording ? frame(3) : undefined;
}

/** Runs `work`, in which definitions note where they stand. Not for asynchronous work. */
export function recordSites<T>(work: () => T): T {
	const before = isRecording;
	isRecording = true;
	try {
		return work();
	} finally {
		isRecording = before;
	}
}

/**
 * The address at the end of one line of a stack: `file:///app/server/authz.ts:12:3` of `    at
 * check (file:///app/server/authz.ts:12:3)`. `undefined` for lines of native code, of `eval` and of
 * anything that has no absolute address.
 */
export function addressIn(line: string): string | undefined {
	// From the first absolute address on: folders may have parentheses and spaces in their names.
	const address =
		/(?:^\s*at (?:async )?|\(|@)((?:[a-z][\w+.-]*:\/\/|\/|[a-z]:[\\/]).*:\d+:\d+)\)?$/i.exec(
			line,
		)?.[1];
	return address?.includes("<anonymous>") ? undefined : address;
}

/** The address in a line of the stack: 0 is this function, 1 its caller, and so on. */
function frame(index: number): string | undefined {
	// Not a text where a program has replaced `Error.prepareStackTrace`.
	const stack: unknown = new Error().stack;
	if (typeof stack !== "string") return undefined;
	return addressIn(stack.split("\n").filter((line) => /:\d+:\d+\)?$/.test(line))[index] ?? "");
}
