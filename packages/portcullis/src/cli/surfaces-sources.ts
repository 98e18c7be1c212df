import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { SurfaceCheck } from "../app/surfaces.ts";

/** A place in a source file. */
export interface Place {
	/** Absolute path, or an address that is no file. */
	readonly file: string;
	readonly line: number;
	/** From 1. */
	readonly column: number;
}

/**
 * Names that an identifier in front of a check may be without naming it: `{ auth: inGroup("admins")
 * }`.
 */
const NO_NAMES = new Set(["auth", "default"]);
/** How far back from a call its declaration is looked for, in characters. */
const LOOK_BACK = 500;

/**
 * Reads what stands where surfaces and checks are defined. Files are read once; what cannot be read
 * is unknown, never a mistake.
 */
export class Sources {
	readonly #files = new Map<string, readonly string[] | undefined>();

	/** Takes an address apart: `file:///app/server/authz.ts:12:3`. */
	static placeOf(site: string | undefined): Place | undefined {
		const [, address = "", line, column] = /^(.*?)(?:\?[^?]*)?:(\d+):(\d+)$/.exec(site ?? "") ?? [];
		if (line === undefined || column === undefined) return undefined;
		return { file: pathOf(address), line: Number(line), column: Number(column) };
	}

	/** What a check is called: its own name, else what it is assigned to where it stands. */
	nameOf({ name, site }: SurfaceCheck): string | undefined {
		const place = Sources.placeOf(site);
		return name ?? (place && assignedName(this.#textBefore(place)));
	}

	/**
	 * The first line from a place on that has a text in quotes, as `pages` of a gate have their
	 * patterns; the place itself if none has.
	 */
	findQuoted(place: Place, text: string): Place {
		const lines = this.#linesOf(place.file) ?? [];
		const quoted = ['"', "'"].map((quote) => quote + text + quote);
		const index = lines.findIndex(
			(line, i) => i >= place.line - 1 && quoted.some((one) => line.includes(one)),
		);
		return index < 0 ? place : { ...place, line: index + 1 };
	}

	#textBefore({ file, line, column }: Place): string {
		const lines = this.#linesOf(file) ?? [];
		const before = [
			...lines.slice(Math.max(0, line - 10), line - 1),
			(lines[line - 1] ?? "").slice(0, column - 1),
		];
		return before.join("\n").slice(-LOOK_BACK);
	}

	#linesOf(file: string): readonly string[] | undefined {
		if (!this.#files.has(file)) this.#files.set(file, read(file));
		return this.#files.get(file);
	}
}

/** A path as it is shown: relative to a folder, with slashes on every system. */
export function shownPath(file: string, folder: string): string {
	return relative(folder, file).split(sep).join("/");
}

/**
 * The identifier that is given what follows a text: `isAdmin` of `export const isAdmin = `, of
 * `static isAdmin = ` and of `isAdmin: ` in an object.
 */
export function assignedName(before: string): string | undefined {
	// The call may be one of an object: `auth.check(`.
	const text = before.replace(/(?:[\w$]+\??\.\s*)+$/, "");
	const patterns = [
		// `const isAdmin: Check<Context> = `
		/\b(?:const|let|var)\s+([\w$]+)\s*(?::(?:=>|[^;=])*)?=\s*$/,
		// `static isAdmin: Check = `
		/(?:^|[\s;{}])#?([\w$]+)\s*:[^;={}(),]*=\s*$/,
		// `static isAdmin = `, `exports.isAdmin = `
		/(?:^|[\s;{}.])#?([\w$]+)\s*=\s*$/,
		// `{ isAdmin: `, but not the branch of a condition
		/[{,]\s*([\w$]+)\s*:\s*$/,
	];
	const name = patterns
		.map((pattern) => pattern.exec(text)?.[1])
		.find((found) => found !== undefined);
	return name === undefined || NO_NAMES.has(name) ? undefined : name;
}

function pathOf(address: string): string {
	try {
		return address.startsWith("file:") ? fileURLToPath(address) : address;
	} catch {
		return address;
	}
}

function read(file: string): readonly string[] | undefined {
	try {
		return readFileSync(file, "utf8").split(/\r?\n/);
	} catch {
		return undefined;
	}
}
