import { parseAst } from "vitest/node";

/** What one source file says about other modules and about the platform. */
export interface ModuleReferences {
	/**
	 * Specifiers of `import`, `export ... from`, `import("...")` and `import("...").Type`, types
	 * included.
	 */
	readonly specifiers: readonly string[];
	/**
	 * True if a dynamic import takes something else than a string literal: where it leads cannot be
	 * read here.
	 */
	readonly computedImport: boolean;
	/** True if the global `process` is named, bare or as a property of the global object. */
	readonly namesProcess: boolean;
	/** True for `export * from`. */
	readonly exportsAll: boolean;
}

/** A node of the syntax tree. */
export interface Node {
	readonly type: string;
	readonly [property: string]: unknown;
}

/**
 * Reads a TypeScript source with a real parser, so that comments and strings that look like imports
 * are none.
 *
 * Misses what only runs: `eval`, `createRequire(...)(name)`, `globalThis[name]`. A local variable
 * called `process` counts as the global one.
 */
export function moduleReferences(source: string, file = "file.ts"): ModuleReferences {
	const specifiers: string[] = [];
	let computedImport = false;
	let namesProcess = false;
	let exportsAll = false;

	const lang = file.endsWith(".tsx") ? "tsx" : file.endsWith(".d.ts") ? "dts" : "ts";
	walk(
		parseAst(source, { lang, sourceType: "module" }) as unknown as Node,
		undefined,
		(node, parent) => {
			switch (node.type) {
				case "ImportDeclaration":
				case "ExportNamedDeclaration":
				case "ExportAllDeclaration":
				case "ImportExpression":
				case "TSImportType":
				case "TSExternalModuleReference": {
					exportsAll ||= node.type === "ExportAllDeclaration" && node.exported === null;
					const from = literal(node.source ?? node.expression);
					if (from !== undefined) specifiers.push(from);
					else if (node.type === "ImportExpression") computedImport = true;
					break;
				}
				case "Identifier":
					namesProcess ||= node.name === "process" && isReference(node, parent);
					break;
				case "MemberExpression":
					namesProcess ||= isGlobalObject(node.object as Node) && propertyName(node) === "process";
					break;
				case "VariableDeclarator":
					namesProcess ||=
						isGlobalObject(node.init as Node | null) && destructures(node.id as Node, "process");
					break;
			}
		},
	);
	return { specifiers, computedImport, namesProcess, exportsAll };
}

/** Visits a node and everything below it. */
export function walk(
	node: Node,
	parent: Node | undefined,
	visit: (node: Node, parent: Node | undefined) => void,
): void {
	visit(node, parent);
	for (const value of Object.values(node)) {
		for (const child of Array.isArray(value) ? value : [value]) {
			if (typeof child === "object" && child !== null && typeof child.type === "string")
				walk(child, node, visit);
		}
	}
}

/** The text of a string literal, or of a template without holes. */
function literal(value: unknown): string | undefined {
	const node = value as Node | null | undefined;
	if (node?.type === "Literal" && typeof node.value === "string") return node.value;
	if (node?.type !== "TemplateLiteral" || (node.expressions as unknown[]).length > 0)
		return undefined;
	return (node.quasis as { value: { cooked: string } }[])[0]?.value.cooked;
}

/**
 * False for an identifier that is only the name of a property, of a type's member, or on the far
 * side of an import or export.
 */
function isReference(node: Node, parent: Node | undefined): boolean {
	if (parent === undefined || parent.computed === true) return true;
	if (parent.property === node) return false;
	if (parent.type === "ExportSpecifier" || parent.type === "ImportSpecifier")
		return parent.local === node;
	return parent.key !== node || parent.shorthand === true;
}

function isGlobalObject(node: Node | null): boolean {
	if (node === null) return false;
	if (node.type === "Identifier")
		return ["globalThis", "global", "self"].includes(String(node.name));
	const wrappers = [
		"TSAsExpression",
		"TSSatisfiesExpression",
		"TSNonNullExpression",
		"ParenthesizedExpression",
	];
	return wrappers.includes(node.type) && isGlobalObject(node.expression as Node);
}

function propertyName(node: Node): string | undefined {
	return node.computed ? literal(node.property) : String((node.property as Node).name);
}

function destructures(pattern: Node, name: string): boolean {
	if (pattern.type !== "ObjectPattern") return false;
	return (pattern.properties as Node[]).some((property) => {
		const key = property.key as Node | undefined;
		return key?.name === name || literal(key) === name;
	});
}
