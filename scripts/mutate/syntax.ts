import { parseAst } from "rolldown/parseAst";

/** A node of a syntax tree (ESTree), as much of it as operations need. */
export interface SyntaxNode {
	readonly type: string;
	readonly start: number;
	readonly end: number;
	readonly [member: string]: unknown;
}

/** Source text and its tree. A text that does not parse throws. */
export function parse(source: string, path: string): SyntaxNode {
	return parseAst(source, {
		lang: path.endsWith("x") ? "tsx" : "ts",
		preserveParens: true,
	}) as unknown as SyntaxNode;
}

/** What stands directly in a node, in the order of the text. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
	return Object.values(node)
		.flatMap((value) => (Array.isArray(value) ? value : [value]))
		.filter(
			(value): value is SyntaxNode =>
				typeof value?.type === "string" && typeof value.start === "number",
		)
		.sort((a, b) => a.start - b.start);
}

/** A node and everything in it, the outer before the inner. */
export function* nodesIn(node: SyntaxNode): Generator<SyntaxNode> {
	yield node;
	for (const child of childrenOf(node)) yield* nodesIn(child);
}

/** The node without the parentheses around it. */
export function bare(node: SyntaxNode): SyntaxNode {
	return node.type === "ParenthesizedExpression" ? bare(node.expression as SyntaxNode) : node;
}
