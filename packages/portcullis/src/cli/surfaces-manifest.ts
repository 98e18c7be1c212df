import type { Surface } from "../app/surfaces.ts";
import type { ListedSurface } from "./surfaces-list.ts";

/**
 * What reviewers have agreed to: a text for each surface, by kind and name. Line numbers are not in
 * it: code moves.
 */
export type Manifest = ReadonlyMap<SurfaceKey, string>;

/** Kind and name of a surface, as `event notes.addNote`. */
export type SurfaceKey = `${Surface["kind"]} ${string}`;

/** The groups of the file, in their order. */
const GROUPS = [
	["pages", "page"],
	["assets", "asset"],
	["routes", "route"],
	["events", "event"],
	["fields", "field"],
	["computed", "computed"],
] as const satisfies readonly (readonly [string, Surface["kind"]])[];

/** The manifest of an app as it is. */
export function manifestOf(surfaces: readonly ListedSurface[]): Manifest {
	const manifest = new Map<SurfaceKey, string>();
	for (const surface of surfaces) {
		const key: SurfaceKey = `${surface.kind} ${surface.name}`;
		const known = manifest.get(key);
		const text = describe(surface);
		// Two apps of one module may have a route of one name.
		manifest.set(
			key,
			known === undefined || known === text ? text : [known, text].sort().join("; "),
		);
	}
	return manifest;
}

/** The file: JSON, sorted, one surface a line. */
export function renderManifest(manifest: Manifest): string {
	const groups = GROUPS.map(([group, kind]) => {
		const prefix = `${kind} `;
		const entries = [...manifest]
			.filter(([key]) => key.startsWith(prefix))
			.sort(([a], [b]) => (a < b ? -1 : 1));
		return [
			group,
			Object.fromEntries(entries.map(([key, text]) => [key.slice(prefix.length), text])),
		] as const;
	});
	const full = groups.filter(([, entries]) => Object.keys(entries).length > 0);
	return `${JSON.stringify(Object.fromEntries(full), undefined, "\t")}\n`;
}

/**
 * Reads a file that `renderManifest` wrote.
 *
 * @throws {SyntaxError} if it is anything else. One with a surface twice, or out of order, is
 *   something else too: a review may have looked at the wrong line.
 */
export function parseManifest(text: string): Manifest {
	const manifest = new Map<SurfaceKey, string>();
	const groups: unknown = JSON.parse(text);
	if (!isRecord(groups)) throw new SyntaxError("It is not an object");
	for (const [group, entries] of Object.entries(groups)) {
		const kind = GROUPS.find(([name]) => name === group)?.[1];
		if (kind === undefined || !isRecord(entries))
			throw new SyntaxError(`${JSON.stringify(group)} is no group of surfaces`);
		for (const [name, rule] of Object.entries(entries)) {
			if (typeof rule !== "string")
				throw new SyntaxError(`The rule of ${kind} ${name} is not a text`);
			manifest.set(`${kind} ${name}`, rule);
		}
	}
	// Spaces between the tokens are a matter of taste.
	if (withoutSpace(renderManifest(manifest)) !== withoutSpace(text))
		throw new SyntaxError("It has a surface twice, or is not in the order that --write gives it");
	return manifest;
}

/** How much weight a difference has, the most first. */
export const DIFFERENCES = ["public", "wider", "changed", "new", "gone"] as const;

/** One difference between what was reviewed and what is. */
export interface Difference {
	/** `public`: everyone may have it now. `wider`: a check is gone, any signed-in person may. */
	readonly kind: (typeof DIFFERENCES)[number];
	readonly surface: SurfaceKey;
	/** Absent for a new one. */
	readonly before?: string;
	/** Absent for one that is gone. */
	readonly after?: string;
}

/** What is different, sorted by weight, then by kind and name. */
export function compareManifests(reviewed: Manifest, actual: Manifest): Difference[] {
	const differences: Difference[] = [];
	for (const [surface, after] of actual) {
		const before = reviewed.get(surface);
		if (before !== after)
			differences.push({
				kind: weigh(before, after),
				surface,
				...(before !== undefined && { before }),
				after,
			});
	}
	for (const [surface, before] of reviewed)
		if (!actual.has(surface)) differences.push({ kind: "gone", surface, before });
	const weight = ({ kind }: Difference): number => DIFFERENCES.indexOf(kind);
	return differences.sort((a, b) => weight(a) - weight(b) || (a.surface < b.surface ? -1 : 1));
}

function weigh(before: string | undefined, after: string): Difference["kind"] {
	if (isPublic(after)) return "public";
	if (before === undefined) return "new";
	return after.startsWith("signed-in") && before.startsWith("check ") ? "wider" : "changed";
}

function isPublic(text: string): boolean {
	return text.split("; ").includes("public");
}

function describe({ rule, check, checkAt }: ListedSurface): string {
	if (check === undefined) return rule;
	return `check ${check}${checkAt === undefined ? "" : ` in ${checkAt.file}`}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withoutSpace(text: string): string {
	return text.replace(/\s+/g, "");
}
