import type { Surface, SurfaceCheck } from "../app/surfaces.ts";
import { type Place, Sources, shownPath } from "./surfaces-sources.ts";

/** A surface in words, with paths relative to one folder. */
export interface ListedSurface {
	readonly kind: Surface["kind"];
	readonly name: string;
	readonly rule: Surface["rule"];
	readonly isDefault: boolean;
	/** `isAdmin`, `canEdit = allOf(isStaff, inGroup("editors"))`, or `(unnamed)`. */
	readonly check?: string;
	/** Where the check stands. */
	readonly checkAt?: ListedPlace;
	/** Where the surface is defined. */
	readonly at?: ListedPlace;
}

/** A place, with its file relative to the folder. */
export interface ListedPlace {
	readonly file: string;
	readonly line: number;
}

/** What a check without any name is called. */
export const UNNAMED = "(unnamed)";

/**
 * Puts surfaces into words.
 *
 * @param folder Paths are shown relative to it.
 */
export function listInWords(
	surfaces: readonly Surface[],
	sources: Sources,
	folder: string,
): ListedSurface[] {
	return surfaces.map((surface) => {
		const { kind, name, rule, isDefault, check } = surface;
		const at = placeOf(surface, sources);
		const checkAt = Sources.placeOf(check?.site);
		return {
			kind,
			name,
			rule,
			isDefault,
			...(check && { check: describeCheck(check, sources, folder) }),
			...(checkAt && { checkAt: shown(checkAt, folder) }),
			...(at && { at: shown(at, folder) }),
		};
	});
}

/**
 * What a review by names cannot see: checks without a name, and different ones of one name in one
 * file. One sentence each.
 */
export function ambiguities(
	surfaces: readonly Surface[],
	sources: Sources,
	folder: string,
): string[] {
	const sentences = new Set<string>();
	const known = new Map<string, string>();
	for (const { kind, name: surfaceName, check: whole } of surfaces) {
		for (const check of whole ? leavesOf(whole) : []) {
			const place = Sources.placeOf(check.site);
			const where = place && `${shownPath(place.file, folder)}:${place.line}`;
			const name = sources.nameOf(check);
			if (name === undefined) {
				const of = `The check of ${kind} ${surfaceName}${where === undefined ? "" : ` (${where})`}`;
				sentences.add(
					`${of} has no name: it cannot be told from another one. Name it: check("isOwner", ...)`,
				);
			} else if (place && where !== undefined) {
				const key = `${name} ${place.file}`;
				const other = known.get(key);
				if (other !== undefined && other !== where)
					sentences.add(
						`Two checks are called ${name} (${other} and ${where}): they cannot be told apart`,
					);
				known.set(key, where);
			}
		}
	}
	return [...sentences];
}

function placeOf({ kind, name, site }: Surface, sources: Sources): Place | undefined {
	const place = Sources.placeOf(site);
	return place && (kind === "page" || kind === "asset") ? sources.findQuoted(place, name) : place;
}

function describeCheck(check: SurfaceCheck, sources: Sources, folder: string): string {
	const name = sources.nameOf(check);
	if (!check.made) return name ?? UNNAMED;
	const recipe = describeRecipe(check, sources, folder);
	return name === undefined ? recipe : `${name} = ${recipe}`;
}

/**
 * What a check was made of, down to those that are made of nothing: of these the name, and the file
 * if it is another one.
 */
function describeRecipe(check: SurfaceCheck, sources: Sources, folder: string): string {
	const { made, site } = check;
	if (!made) return sources.nameOf(check) ?? UNNAMED;
	const file = Sources.placeOf(site)?.file;
	const parts = made.of.map((part) => {
		if (typeof part === "string") return part;
		const text = describeRecipe(part, sources, folder);
		const own = part.made ? undefined : Sources.placeOf(part.site)?.file;
		return own === undefined || own === file ? text : `${text} in ${shownPath(own, folder)}`;
	});
	return `${made.by}(${parts.join(", ")})`;
}

function leavesOf(check: SurfaceCheck): SurfaceCheck[] {
	return check.made
		? check.made.of.flatMap((part) => (typeof part === "string" ? [] : leavesOf(part)))
		: [check];
}

function shown({ file, line }: Place, folder: string): ListedPlace {
	return { file: shownPath(file, folder), line };
}
