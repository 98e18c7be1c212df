import { readFileSync } from "node:fs";
import { parseAst } from "vitest/node";

/**
 * Names that a declaration file exports: as values, which a program can use, and as types alone.
 */
export interface DeclaredExports {
	readonly values: readonly string[];
	readonly types: readonly string[];
}

interface Name {
	readonly name?: string;
	readonly value?: string;
}

interface Statement {
	readonly type: string;
	readonly exportKind?: "type" | "value";
	readonly exported?: Name | null;
	readonly specifiers?: readonly {
		readonly exported: Name;
		readonly exportKind: "type" | "value";
	}[];
	readonly declaration?: {
		readonly type: string;
		readonly id?: Name;
		readonly declarations?: readonly { readonly id: Name }[];
	} | null;
}

/**
 * Reads the exports of an entry's declaration file. A class or an enum counts as a value.
 *
 * Throws on `export *`: what an entry exports must be listed by name.
 */
export function declaredExports(file: string): DeclaredExports {
	const values: string[] = [];
	const types: string[] = [];
	const program = parseAst(readFileSync(file, "utf8"), { lang: "dts", sourceType: "module" });
	for (const statement of program.body as unknown as readonly Statement[]) {
		if (statement.type === "ExportAllDeclaration") {
			if (!statement.exported) throw new Error(`${file} has a bare \`export *\``);
			(statement.exportKind === "type" ? types : values).push(nameOf(statement.exported));
		} else if (statement.type === "ExportDefaultDeclaration") {
			values.push("default");
		} else if (statement.type === "ExportNamedDeclaration") {
			for (const { exported, exportKind } of statement.specifiers ?? []) {
				(statement.exportKind === "type" || exportKind === "type" ? types : values).push(
					nameOf(exported),
				);
			}
			const { declaration } = statement;
			const isType =
				declaration?.type === "TSInterfaceDeclaration" ||
				declaration?.type === "TSTypeAliasDeclaration";
			for (const id of [
				declaration?.id,
				...(declaration?.declarations ?? []).map((each) => each.id),
			]) {
				if (id) (isType ? types : values).push(nameOf(id));
			}
		}
	}
	return { values: values.sort(), types: types.sort() };
}

function nameOf(name: Name): string {
	return name.name ?? name.value ?? "";
}
