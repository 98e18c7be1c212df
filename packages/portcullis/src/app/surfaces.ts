import { type CheckOrigin, originOfCheck } from "../guard/check-names.ts";
import type { PageAuthContext, Rule } from "../guard/context.ts";
import type { PathRules } from "../guard/path-rules.ts";
import type { StateRegistry } from "../state/state-types.ts";

/** One surface of an app, as a reviewer reads it. */
export interface Surface {
	/**
	 * A `page` is a path pattern of the gate, an `asset` one that is public for everyone, a `route`
	 * one that a host's app has registered.
	 */
	readonly kind: "page" | "asset" | "route" | "event" | "field" | "computed";
	/**
	 * A path pattern; for a route with its method, as `GET /healthz`; for the others state and name,
	 * as `notes.draft`.
	 */
	readonly name: string;
	/** Who may have it: everyone, signed-in people, or those whom the check lets in. */
	readonly rule: "public" | "signed-in" | "check";
	/** What is known of the check, if the rule is one. */
	readonly check?: SurfaceCheck;
	/** True if the surface says nothing itself and follows the default of the auth. */
	readonly isDefault: boolean;
	/**
	 * Where it is defined: `file:///app/server/notes.ts:12:3`. For a page the call of `auth.gate`.
	 */
	readonly site?: string;
}

/** The check of a surface: its name and where it stands, or of what it was made. */
export type SurfaceCheck = CheckOrigin;

/** A route of a host's app, for `gate.surfaces`. */
export interface SurfaceRoute {
	/** In capitals; `ALL` for every method. */
	readonly method: string;
	/** As the host writes it, `/users/:id`. */
	readonly path: string;
	/** The rule of its tag, if it has one. */
	readonly tag?: Rule<PageAuthContext>;
	/** Where the tag stands. */
	readonly site?: string;
}

/**
 * Under this symbol a protected app keeps a `ProtectedRoutes`, for what lists surfaces. Of all
 * copies of the package the same.
 */
export const PROTECTED_ROUTES: unique symbol = Symbol.for("portcullis.routes");

/** What a protected app says of itself. */
export interface ProtectedRoutes {
	/** The gate that it was protected with. */
	readonly gate: object;
	/** The routes that it has by now, without the gate's own. */
	list(): readonly SurfaceRoute[];
}

/** What a gate protects, to be listed. */
export interface Protected {
	readonly pages: readonly (readonly [pattern: string, rule: Rule<PageAuthContext>])[];
	readonly assets: readonly string[];
	readonly defaultRule: Rule<PageAuthContext>;
	readonly registry: StateRegistry;
	readonly pathRules: (path: string) => PathRules;
	/** Where the gate was made. */
	readonly site: string | undefined;
}

/** The name of the surface that stands for all paths which no pattern names. */
export const ANY_OTHER_PATH = "(any other path)";

/** A surface with the rules themselves. */
export interface RuledSurface extends Pick<Surface, "kind" | "name" | "isDefault"> {
	/** All of them must grant. */
	readonly rules: readonly Rule<never>[];
	readonly site: string | undefined;
}

/** What a gate protects, in a stable order. */
export function listSurfaces(gate: Protected, routes: readonly SurfaceRoute[] = []): Surface[] {
	return listRules(gate, routes).map(({ kind, name, rules, isDefault, site }) => ({
		...{ kind, name, ...describeRules(rules), isDefault },
		...(site === undefined ? {} : { site }),
	}));
}

/** The same with the rules themselves. */
export function listRules(gate: Protected, routes: readonly SurfaceRoute[] = []): RuledSurface[] {
	const { site } = gate;
	const surfaces: RuledSurface[] = [
		{ kind: "page", name: ANY_OTHER_PATH, rules: [gate.defaultRule], isDefault: true, site },
		...gate.pages.map(
			([name, rule]) => ({ kind: "page", name, rules: [rule], isDefault: false, site }) as const,
		),
		...gate.assets.map(
			(name) => ({ kind: "asset", name, rules: [false], isDefault: false, site }) as const,
		),
		...routes.map((route) => ruledRoute(gate, route)),
	];
	for (const { values, events } of gate.registry.all) {
		for (const { kind, id: name, rule, isTagged, site } of values)
			surfaces.push({ kind, name, rules: [rule], isDefault: !isTagged, site });
		for (const { id: name, rule, isTagged, site } of events.values())
			surfaces.push({ kind: "event", name, rules: [rule], isDefault: !isTagged, site });
	}
	return surfaces.sort((a, b) => compare(a.kind, b.kind) || compare(a.name, b.name));
}

/**
 * The rules of a route by its path as it is written: a parameter stands for what no more specific
 * pattern names.
 */
function ruledRoute(
	{ pathRules }: Protected,
	{ method, path, tag, site }: SurfaceRoute,
): RuledSurface {
	const found = pathRules(path);
	const replacesDefault = tag !== undefined && found.isDefault;
	const rules = tag === undefined ? found.rules : replacesDefault ? [tag] : [...found.rules, tag];
	return {
		kind: "route",
		name: `${method} ${path}`,
		rules,
		isDefault: tag === undefined && found.isDefault,
		site,
	};
}

function describeRules(rules: readonly Rule<never>[]): Pick<Surface, "rule" | "check"> {
	const checks = [...new Set(rules)]
		.filter((rule) => typeof rule === "function")
		.map(originOfCheck);
	const [check] = checks;
	if (check === undefined)
		return { rule: rules.every((rule) => rule === false) ? "public" : "signed-in" };
	return {
		rule: "check",
		check: checks.length === 1 ? check : { made: { by: "allOf", of: checks } },
	};
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
