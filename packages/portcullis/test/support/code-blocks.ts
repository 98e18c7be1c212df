/** A TypeScript block of a Markdown document, as `extractCodeBlocks` finds it. */
export interface CodeBlock {
	readonly language: "ts" | "tsx";
	/** The code without fences, indentation of the fence removed. */
	readonly code: string;
	/** Line of the document, from 1, that holds the first line of the code. */
	readonly line: number;
	/** Names of the preambles that stand before the code, in order. */
	readonly preambles: readonly string[];
	/** Why the block is not type-checked; `undefined` if it is. */
	readonly skipped: string | undefined;
	/**
	 * The path that the block's first line names (`// server/auth.ts`), for other blocks of the
	 * document to import.
	 */
	readonly path: string | undefined;
}

/**
 * Finds the `ts` and `tsx` blocks of a Markdown document, with the markers right above them:
 * `<!-- no-check: reason -->` and `<!-- with: preamble, preamble -->`.
 *
 * Throws on a marker that no TypeScript block follows, on `no-check` without a reason and on a
 * fence that is never closed: each would silently leave code unchecked.
 */
export function extractCodeBlocks(markdown: string): CodeBlock[] {
	const blocks: CodeBlock[] = [];
	let open:
		| { fence: string; indent: number; language: string; line: number; code: string[] }
		| undefined;
	let markers: { kind: string; text: string; line: number }[] = [];

	for (const [index, text] of markdown.split(/\r?\n/).entries()) {
		const line = index + 1;
		if (open !== undefined) {
			if (!isClosing(text, open.fence)) {
				open.code.push(withoutIndent(text, open.indent));
				continue;
			}
			if (open.language === "ts" || open.language === "tsx") {
				blocks.push(toBlock(open.language, open.code, open.line, markers));
			} else refuseStray(markers);
			markers = [];
			open = undefined;
			continue;
		}
		const opening = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)/.exec(text);
		const sessionHint = /^\s*<!--\s*(no-check|with)\s*(?::\s*(.*?))?\s*-->\s*$/.exec(text);
		if (opening !== null) {
			const [, indent = "", fence = "", language = ""] = opening;
			open = { fence, indent: indent.length, language, line: line + 1, code: [] };
		} else if (sessionHint !== null) {
			markers.push({ kind: sessionHint[1] ?? "", text: sessionHint[2] ?? "", line });
		} else if (text.trim() !== "") {
			refuseStray(markers);
		}
	}
	if (open !== undefined) throw new Error(`line ${open.line - 1}: the code block is never closed`);
	refuseStray(markers);
	return blocks;
}

function toBlock(
	language: "ts" | "tsx",
	lines: readonly string[],
	line: number,
	markers: readonly { kind: string; text: string; line: number }[],
): CodeBlock {
	const empty = markers.find(({ text }) => text === "");
	if (empty !== undefined)
		throw new Error(
			`line ${empty.line}: ${empty.kind} needs a ${empty.kind === "with" ? "name" : "reason"}`,
		);
	return {
		language,
		code: lines.join("\n"),
		line,
		preambles: markers
			.filter(({ kind }) => kind === "with")
			.flatMap(({ text }) => text.split(/\s*,\s*/)),
		skipped: markers.find(({ kind }) => kind === "no-check")?.text,
		path: /^\/\/ ((?:[\w.-]+\/)*[\w.-]+\.tsx?)(?:\s|$)/.exec(lines[0] ?? "")?.[1],
	};
}

function refuseStray(markers: readonly { kind: string; line: number }[]): void {
	const stray = markers[0];
	if (stray !== undefined)
		throw new Error(`line ${stray.line}: ${stray.kind} stands before no ts or tsx block`);
}

function isClosing(text: string, fence: string): boolean {
	const trimmed = text.trim();
	return trimmed.length >= fence.length && trimmed === fence.charAt(0).repeat(trimmed.length);
}

function withoutIndent(text: string, indent: number): string {
	return text.slice(0, indent).trim() === "" ? text.slice(indent) : text;
}
