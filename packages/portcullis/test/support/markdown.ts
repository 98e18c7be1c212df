/** A Markdown document, taken apart as far as tests of documents look at it. */
export interface Markdown {
	/** Text of each heading, without the backticks. */
	readonly headings: readonly string[];
	/** What `#...` can lead to: the anchors that GitHub makes of the headings. */
	readonly anchors: ReadonlySet<string>;
	/** Targets of the links that stay in the repository, as written. */
	readonly links: readonly { readonly target: string; readonly line: number }[];
	/** All code: blocks and spans, a line each. */
	readonly code: string;
	/** The first cell of each row of a table, without the head. */
	readonly firstCells: readonly string[];
	/** The text below each heading, up to the next heading of whichever level. */
	readonly sections: ReadonlyMap<string, string>;
}

/**
 * Reads a document. Knows ATX headings, fences, code spans, inline links and tables, which is all
 * that ours use.
 */
export function readMarkdown(text: string): Markdown {
	const headings: string[] = [];
	const anchors = new Set<string>();
	const links: { target: string; line: number }[] = [];
	const code: string[] = [];
	const firstCells: string[] = [];
	const sections = new Map<string, string>();
	let fence = "";
	let inTable = false;

	for (const [index, line] of text.split("\n").entries()) {
		const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
		if (fence !== "") {
			if (mark.startsWith(fence)) fence = "";
			else code.push(line);
			continue;
		}
		fence = mark;
		if (fence !== "") continue;
		const spans = [...line.matchAll(/`([^`]+)`/g)].map(([, span]) => span ?? "");
		code.push(...spans);
		const prose = line.replace(/`[^`]*`/g, "");
		for (const [, target = ""] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
			if (!/^[a-z]+:/i.test(target)) links.push({ target, line: index + 1 });
		}
		const heading = /^#{1,6}\s+(.*?)\s*$/.exec(line)?.[1]?.replaceAll("`", "");
		if (heading !== undefined) {
			headings.push(heading);
			anchors.add(newAnchor(heading, anchors));
			sections.set(heading, "");
		} else if (headings.length > 0) {
			const current = headings.at(-1) ?? "";
			sections.set(current, `${sections.get(current)}${line}\n`);
		}
		if (/^\s*\|[\s:|-]+\|\s*$/.test(line)) inTable = true;
		else if (!line.trimStart().startsWith("|")) inTable = false;
		else if (inTable) firstCells.push(line.split("|")[1]?.trim() ?? "");
	}
	return { headings, anchors, links, code: code.join("\n"), firstCells, sections };
}

/** Lower case, no punctuation, a hyphen for each blank; numbered from the second of a name on. */
function newAnchor(heading: string, taken: ReadonlySet<string>): string {
	const link = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
	const anchor = link
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s_-]/gu, "")
		.replaceAll(" ", "-");
	for (let n = 0; ; n++) {
		const candidate = n === 0 ? anchor : `${anchor}-${n}`;
		if (!taken.has(candidate)) return candidate;
	}
}
