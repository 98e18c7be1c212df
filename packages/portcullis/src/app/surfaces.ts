import { originOfCheck } from "../guard/check-names.ts";
import type { Rule } from "../guard/context.ts";
import type { StateRegistry } from "../state/registry.ts";

/** One surface of an app, as a reviewer reads it. */
export interface Surface {
	readonly kind: "page" | "event" | "field" | "computed";
	/** A path pattern; for the others state and name, as `notes.draft`. */
	readonly name: string;
	/** Who may have it: everyone, signed-in people, or those whom the check lets in. */
	readonly rule: "public" | "signed-in" | "check";
	/** What the check is called, where it is known. */
	readonly check?: string;
	/** Where the check stands: `file:///app/server/authz.ts:12:3`. */
	readonly checkSite?: string;
	/** True if the surface says nothing itself and follows the default of the kit. */
	readonly isDefault: boolean;
	/** Where the surface is defined. */
	readonly site?: string;
}

/** What a gate protects, in a stable order. */
export function listSurfaces(
	pages: Readonly<Record<string, Rule<never>>>,
	assets: readonly string[],
	defaultRule: Rule<never>,
	registry: StateRegistry,
): Surface[] {
	const surfaces: Surface[] = [
		{ kind: "page", name: "(any other path)", ...describeRule(defaultRule), isDefault: true },
		...Object.entries(pages).map(
			([name, rule]): Surface => ({ kind: "page", name, ...describeRule(rule), isDefault: false }),
		),
		...assets.map((name): Surface => ({ kind: "page", name, rule: "public", isDefault: false })),
	];
	for (const type of registry.all) {
		for (const { kind, id, rule, isTagged, site } of type.values)
			surfaces.push(describe(kind, id, rule, isTagged, site));
		for (const { id, rule, isTagged, site } of type.events.values())
			surfaces.push(describe("event", id, rule, isTagged, site));
	}
	return surfaces.sort((a, b) => compare(a.kind, b.kind) || compare(a.name, b.name));
}

function describe(
	kind: Surface["kind"],
	name: string,
	rule: Rule<never>,
	isTagged: boolean,
	site: string | undefined,
): Surface {
	return { kind, name, ...describeRule(rule), isDefault: !isTagged, ...(site === undefined ? {} : { site }) };
}

function describeRule(rule: Rule<never>): Pick<Surface, "rule" | "check" | "checkSite"> {
	if (typeof rule === "boolean") return { rule: rule ? "signed-in" : "public" };
	const { name, site } = originOfCheck(rule);
	return {
		rule: "check",
		...(name === undefined ? {} : { check: name }),
		...(site === undefined ? {} : { checkSite: site }),
	};
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
