import { shared } from "../base/copies.ts";

/** What a check is called, and where it stands. */
export interface CheckOrigin {
	/**
	 * `undefined` for a function without a name of its own: what it was assigned to can be read where
	 * it stands.
	 */
	readonly name?: string;
	/** `file:///app/server/authz.ts:12:3`; absent where nothing is known. */
	readonly site?: string;
	/** Of what it was made, if a function of the library made it. */
	readonly made?: CheckRecipe;
}

/** How a check was made from others, or from plain values: `allOf(isStaff, inGroup("admins"))`. */
export interface CheckRecipe {
	/** `allOf`, `inGroup` and so on. */
	readonly by: string;
	/** Its arguments: checks, and other values as they would be written. */
	readonly of: readonly (CheckOrigin | string)[];
}

type AnyCheck = (context: never) => unknown;

/** Of all copies of the package: a check may be made by another one than the gate that lists it. */
const ORIGINS = shared("checks.1", () => new WeakMap<AnyCheck, CheckOrigin>());

/** Names that a function has by its place alone: `{ auth: (ctx) => ... }`. */
const NAMES_OF_PLACES = new Set(["auth", "default", ""]);

/**
 * Notes the origin of a check, for the surface manifest and messages. Without a name, what is known
 * of it already stays.
 *
 * @throws {TypeError} for anything but a function: as `auth: undefined` it would mean the default
 *   rule.
 */
export function noteCheck<C extends AnyCheck>(
	check: C,
	name: string | undefined,
	site: string | undefined,
): C {
	if (typeof check !== "function") throw new TypeError("check() takes a function");
	const known = ORIGINS.get(check);
	if (known && name === undefined) return check;
	ORIGINS.set(check, origin(name ?? ownName(check), site ?? known?.site, known?.made));
	return check;
}

/** Notes of what a check was made. */
export function noteRecipe<C extends AnyCheck>(
	check: C,
	made: CheckRecipe,
	site: string | undefined,
): C {
	ORIGINS.set(check, origin(undefined, site, made));
	return check;
}

/** What is known of a check; of one that was never noted, its own name at most. */
export function originOfCheck(check: AnyCheck): CheckOrigin {
	return ORIGINS.get(check) ?? origin(ownName(check), undefined, undefined);
}

function ownName(check: AnyCheck): string | undefined {
	return NAMES_OF_PLACES.has(check.name) ? undefined : check.name;
}

function origin(
	name: string | undefined,
	site: string | undefined,
	made: CheckRecipe | undefined,
): CheckOrigin {
	return {
		...(name === undefined ? {} : { name }),
		...(site === undefined ? {} : { site }),
		...(made === undefined ? {} : { made }),
	};
}
