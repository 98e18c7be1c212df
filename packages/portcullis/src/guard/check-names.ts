/** What a check is called, and where it stands. */
export interface CheckOrigin {
	/** `undefined` for a function without a name: what it was assigned to can be read where it stands. */
	readonly name: string | undefined;
	/** `file:///app/server/authz.ts:12:3`; `undefined` where nothing is known. */
	readonly site: string | undefined;
}

type AnyCheck = (context: never) => unknown;

const ORIGINS = new WeakMap<AnyCheck, CheckOrigin>();

/** Notes the origin of a check, for the surface manifest and messages. */
export function noteCheck<C extends AnyCheck>(check: C, name: string | undefined, site: string | undefined): C {
	if (typeof check === "function") ORIGINS.set(check, { name: name ?? (check.name || undefined), site });
	return check;
}

export function originOfCheck(check: AnyCheck): CheckOrigin {
	return ORIGINS.get(check) ?? { name: check.name || undefined, site: undefined };
}
