import { definitionSite } from "../base/definition-site.ts";
import { noteCheck, originOfCheck } from "./check-names.ts";
import type { AuthContext, Check } from "./context.ts";

/** A claim that a check needs was not sent by the provider, so that nobody can say: the check says no, and so does its opposite. */
export class ClaimUnknownError extends Error {
	override readonly name: string = "ClaimUnknownError";
	readonly claim: string;

	constructor(claim: string) {
		super(`The claim ${claim} is unknown: the provider did not send it`);
		this.claim = claim;
	}
}

/**
 * Yes if all checks say yes. They are asked in order, until one says no.
 *
 * @throws {TypeError} if there is none: nothing to ask is no permission.
 */
export function allOf<C extends AuthContext = AuthContext>(...checks: readonly Check<C>[]): Check<C> {
	requireChecks("allOf", checks);
	return named("allOf", checks, async (context) => {
		let unusable: { error: unknown } | undefined;
		for (const check of checks) {
			try {
				if ((await check(context)) !== true) return false;
			} catch (error) {
				unusable ??= { error };
			}
		}
		if (unusable) throw unusable.error;
		return true;
	});
}

/**
 * Yes if one of the checks says yes. They are asked in order, until one does; one that throws is no obstacle to the others.
 *
 * @throws {TypeError} if there is none.
 */
export function anyOf<C extends AuthContext = AuthContext>(...checks: readonly Check<C>[]): Check<C> {
	requireChecks("anyOf", checks);
	return named("anyOf", checks, async (context) => {
		let unusable: { error: unknown } | undefined;
		for (const check of checks) {
			try {
				if ((await check(context)) === true) return true;
			} catch (error) {
				unusable ??= { error };
			}
		}
		if (unusable) throw unusable.error;
		return false;
	});
}

/** Yes only if the check says `false`. A check that throws, or whose claim is unknown, has said neither: that is a no here too. */
export function not<C extends AuthContext = AuthContext>(check: Check<C>): Check<C> {
	requireChecks("not", [check]);
	return named("not", [check], async (context) => (await check(context)) === false);
}

/**
 * Yes for members of a group.
 *
 * @param group Exactly as the provider sends it: some send names, some ids.
 * @param options `claim`: the claim that lists groups, as an array or, for one alone, as a text. Default `groups`.
 * @returns a check that throws `ClaimUnknownError`, which is a no, where the provider sent no such claim.
 */
export function inGroup(group: string, { claim = "groups" }: { readonly claim?: string } = {}): Check<AuthContext> {
	const check: Check<AuthContext> = ({ user }) => {
		const groups = user.userinfo[claim];
		if (Array.isArray(groups)) return groups.includes(group);
		if (typeof groups === "string") return groups === group;
		throw new ClaimUnknownError(claim);
	};
	return noteCheck(check, `inGroup(${JSON.stringify(group)})`, definitionSite());
}

/** Yes for people whose login was granted a scope; that it was asked for is not enough. */
export function hasScope(scope: string): Check<AuthContext> {
	const check: Check<AuthContext> = ({ user }) => user.grantedScopes.includes(scope);
	return noteCheck(check, `hasScope(${JSON.stringify(scope)})`, definitionSite());
}

/** `allOf(isAdmin, isStaff)`, where all of them have names. */
function named<C extends AuthContext>(word: string, checks: readonly Check<C>[], check: Check<C>): Check<C> {
	const names = checks.map((one) => originOfCheck(one).name ?? "?");
	return noteCheck(check, `${word}(${names.join(", ")})`, undefined);
}

function requireChecks(name: string, checks: readonly unknown[]): void {
	if (checks.length === 0 || checks.some((check) => typeof check !== "function"))
		throw new TypeError(`${name}() takes one or more checks`);
}
