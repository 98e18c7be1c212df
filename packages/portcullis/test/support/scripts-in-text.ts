import { parseAst } from "vitest/node";
import { type Node, walk } from "./module-references.ts";

/** Stands for a hole of a template. */
const HOLE = "\0";

/** A `<script>` whose content is one hole, or nothing. */
const FILLED = /<script\b[^>]*>\0?<\/script>/g;

/** What providers that misbehave send, to be shown as text. */
const PAYLOAD = "<script>alert(1)</script>";

/** Text that reads as JavaScript. Redis scripts, messages and markup do not. */
const JAVASCRIPT = [
	/<script\b[^>]*>/,
	/=>\s*[{(]/,
	/\bfunction\b[\s*]*\w*\(/,
	/\b(?:const|let|var)\s+[\w$[{][^=\n]*=[^\n]*;/,
	/\b(?:document|window|location|navigator|history)\.\w+\s*[(=.[]/,
	/\baddEventListener\(/,
];

/**
 * Where strings and templates of a source hold JavaScript, one sentence each. No compiler sees such
 * code: it belongs into `src/pages`.
 */
export function scriptsInText(source: string, file: string): string[] {
	const problems: string[] = [];
	const lang = file.endsWith(".tsx") ? "tsx" : "ts";
	const tree = parseAst(source, { lang, sourceType: "module" }) as unknown as Node;
	walk(tree, undefined, (node) => {
		const text = textOf(node)?.replaceAll(FILLED, "").replaceAll(PAYLOAD, "");
		const found = text && JAVASCRIPT.map((pattern) => pattern.exec(text)?.[0]).find(Boolean);
		if (found) problems.push(`${file} has a script in its text: ${found.replaceAll(HOLE, "…")}`);
	});
	return problems;
}

function textOf(node: Node): string | undefined {
	if (node.type === "Literal" && typeof node.value === "string") return node.value;
	if (node.type !== "TemplateLiteral") return undefined;
	return (node.quasis as { value: { cooked: string } }[])
		.map(({ value }) => value.cooked)
		.join(HOLE);
}
