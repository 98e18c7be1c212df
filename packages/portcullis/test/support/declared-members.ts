import { readFileSync } from "node:fs";
import { parseAst } from "vitest/node";

interface Node {
	readonly type: string;
	readonly [member: string]: unknown;
}

/**
 * Names of the members of an interface or class in a declaration file, or the literals of a union
 * of them (also in its members). Private and `#private` members are left out.
 *
 * Throws if the file declares nothing of that name.
 */
export function declaredMembers(file: string, name: string): string[] {
	const program = parseAst(readFileSync(file, "utf8"), { lang: "dts", sourceType: "module" });
	const declaration = (program.body as unknown as Node[])
		.map((statement) => (statement.declaration ?? statement) as Node)
		.find((candidate) => (candidate.id as { name?: string } | undefined)?.name === name);
	if (declaration === undefined) throw new Error(`${file} declares no ${name}`);
	if (declaration.type === "TSTypeAliasDeclaration") return literalsIn(declaration.typeAnnotation);
	const { body } = declaration.body as { body: readonly Node[] };
	const names = body
		.filter((member) => member.accessibility !== "private")
		.map((member) => nameOf(member));
	return [
		...new Set(names.filter((member) => member !== undefined && member !== "constructor")),
	] as string[];
}

function nameOf(member: Node): string | undefined {
	const key = member.key as { type: string; name?: string; value?: string } | undefined;
	return key === undefined || key.type === "PrivateIdentifier"
		? undefined
		: (key.name ?? key.value);
}

/** Every string or number that stands as a type, however deep. */
function literalsIn(node: unknown): string[] {
	if (Array.isArray(node)) return node.flatMap(literalsIn);
	if (typeof node !== "object" || node === null) return [];
	const { type, literal } = node as { type?: string; literal?: { value?: unknown } };
	if (type === "TSLiteralType") return literal?.value === undefined ? [] : [String(literal.value)];
	return Object.values(node).flatMap(literalsIn);
}
