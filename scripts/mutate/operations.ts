import { bare, nodesIn, type SyntaxNode } from "./syntax.ts";

/** The code that is switched off. */
export interface Target {
	readonly source: string;
	/** What the marker stands at. */
	readonly node: SyntaxNode;
	/** What that is in. */
	readonly parent: SyntaxNode;
}

/** What stands in a part of the source from now on. */
export interface Edit {
	readonly start: number;
	readonly end: number;
	readonly text: string;
}

/** How a check is switched off. */
export type Operation = (target: Target) => Edit;

/**
 * What is done where a row says nothing else: the condition of an `if` is never met, whether the
 * `if` is marked or the one thing that it does; an operand, a member, an argument or an element is
 * left out; any other statement is skipped.
 */
export const skip: Operation = (target) => {
	const { node, parent } = target;
	if (parent.type === "LogicalExpression")
		return put(
			parent,
			textOf(target, (parent.left === node ? parent.right : parent.left) as SyntaxNode),
		);
	if (node.type === "IfStatement") return never(target);
	if (parent.type === "IfStatement" && parent.consequent === node)
		return never({ ...target, node: parent });
	if (/Statement$/.test(node.type)) return put(node, ";");
	if (Object.values(parent).some((list) => Array.isArray(list) && list.includes(node)))
		return leaveOut(target);
	throw new Error(`There is no usual way to switch off a ${node.type}`);
};

/** The condition of an `if`, a loop or `?:` is never met. */
export const never: Operation = (target) => put(conditionOf(target.node), "false");

/** The condition is always met. */
export const always: Operation = (target) => put(conditionOf(target.node), "true");

/** Anything that is true will do: of `x === true` the comparison is left out. */
export const truthy: Operation = (target) => {
	const comparison = find(
		target.node,
		({ type, operator }) => type === "BinaryExpression" && /^[!=]==$/.test(`${operator}`),
	);
	const text = textOf(target, bare(comparison.left as SyntaxNode));
	return put(comparison, comparison.operator === "===" ? text : `!(${text})`);
};

/**
 * Operands of the first `||`, `&&` or `??` are left out, counted from 1. Says how many there are,
 * so that a new one is not taken for one of them.
 */
export function withoutOperand(places: number | readonly number[], of: number): Operation {
	return (target) => {
		const chain = find(target.node, ({ type }) => type === "LogicalExpression");
		return put(chain, without(target, operandsOf(chain), places, of).join(` ${chain.operator} `));
	};
}

/** Elements of the first list are left out, counted from 1. Says how many there are. */
export function withoutElement(places: number | readonly number[], of: number): Operation {
	return (target) => {
		const list = find(target.node, ({ type }) => type === "ArrayExpression");
		return put(list, `[${without(target, list.elements as SyntaxNode[], places, of).join(", ")}]`);
	};
}

/** What a method is called on stands instead of its call: of `list.slice(0, 5)` that is `list`. */
export function withoutCall(method: string): Operation {
	return (target) => {
		const call = only(target.node, `calls of ${method}`, (node) => {
			const callee = node.callee as SyntaxNode | undefined;
			return (
				node.type === "CallExpression" &&
				(callee?.property as SyntaxNode | undefined)?.name === method
			);
		});
		return put(call, textOf(target, (call.callee as SyntaxNode).object as SyntaxNode));
	};
}

/** A piece of a text is left out: of a string or a template. */
export function withoutText(piece: string): Operation {
	return (target) => {
		const text = textOf(target, target.node);
		const at = text.indexOf(piece);
		if (at < 0 || text.includes(piece, at + 1)) throw new Error(`${piece} is not there once`);
		return { start: target.node.start + at, end: target.node.start + at + piece.length, text: "" };
	};
}

/** It returns something else: with an empty text, nothing. */
export function returns(text: string): Operation {
	return (target) =>
		put(
			find(target.node, ({ type }) => type === "ReturnStatement"),
			`return ${text};`,
		);
}

/** A condition, a value, a result or a list to go through is something else. */
export function becomes(text: string): Operation {
	return (target) => put(subjectOf(target.node), text);
}

/** An expression in it is another. Blanks do not count. */
export function swap(from: string, to: string): Operation {
	return (target) => {
		const wanted = squeeze(from);
		return put(
			only(target.node, from, (node) => squeeze(textOf(target, node)) === wanted),
			to,
		);
	};
}

/** Something else stands there. */
export function replace(text: string): Operation {
	return ({ node }) => put(node, text);
}

/** Something is done before it. */
export function before(text: string): Operation {
	return ({ node: { start } }) => ({ start, end: start, text: `${text} ` });
}

function put({ start, end }: SyntaxNode, text: string): Edit {
	return { start, end, text };
}

function textOf({ source }: Target, { start, end }: SyntaxNode): string {
	return source.slice(start, end);
}

function squeeze(text: string): string {
	return text.replace(/\s+/g, "");
}

function leaveOut({ source, node }: Target): Edit {
	const comma = /^\s*,/.exec(source.slice(node.end));
	if (comma) return { start: node.start, end: node.end + comma[0].length, text: "" };
	const before = /,\s*$/.exec(source.slice(0, node.start));
	return { start: before?.index ?? node.start, end: node.end, text: "" };
}

function without(
	target: Target,
	list: readonly SyntaxNode[],
	places: number | readonly number[],
	of: number,
): string[] {
	if (list.length !== of) throw new Error(`There are ${list.length} of them, not ${of}`);
	return list.filter((_, i) => ![places].flat().includes(i + 1)).map((one) => textOf(target, one));
}

/** `a || b || c` are three. */
function operandsOf(chain: SyntaxNode): SyntaxNode[] {
	const left = chain.left as SyntaxNode;
	const isLonger = left.type === "LogicalExpression" && left.operator === chain.operator;
	return [...(isLonger ? operandsOf(left) : [left]), chain.right as SyntaxNode];
}

function conditionOf(node: SyntaxNode): SyntaxNode {
	return find(node, ({ test }) => test !== undefined && test !== null).test as SyntaxNode;
}

/** What a statement, a member or a function is about. */
function subjectOf(node: SyntaxNode): SyntaxNode {
	const inner = (member: string) => subjectOf(node[member] as SyntaxNode);
	switch (node.type) {
		case "IfStatement":
		case "ForStatement":
			return node.test as SyntaxNode;
		case "ForOfStatement":
			return node.right as SyntaxNode;
		case "ExpressionStatement":
			return inner("expression");
		case "ReturnStatement":
		case "ThrowStatement":
			return inner("argument");
		case "AssignmentExpression":
			return inner("right");
		case "ExportNamedDeclaration":
			return inner("declaration");
		case "VariableDeclaration":
			return subjectOf((node.declarations as SyntaxNode[])[0]?.init as SyntaxNode);
		case "Property":
		case "PropertyDefinition":
			return inner("value");
		case "ArrowFunctionExpression":
			return inner("body");
		default:
			return node;
	}
}

/** The first of its kind: an outer one comes before what is in it. */
function find(node: SyntaxNode, matches: (node: SyntaxNode) => boolean): SyntaxNode {
	for (const each of nodesIn(node)) if (matches(each)) return bare(each);
	throw new Error(`There is nothing of that kind in this ${node.type}`);
}

function only(node: SyntaxNode, what: string, matches: (node: SyntaxNode) => boolean): SyntaxNode {
	const found = [...nodesIn(node)].filter(matches);
	const [first] = found;
	// An expression and the statement that is nothing else have one text.
	if (first === undefined || found.some(({ start }) => start !== first.start))
		throw new Error(`There is not one ${what} in this ${node.type}`);
	return first;
}
