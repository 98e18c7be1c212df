import { brand } from "../base/brand.ts";
import { definitionSite } from "../base/definition-site.ts";
import { noteRecipe, originOfCheck } from "./check-names.ts";
import type { AuthContext, Check } from "./context.ts";

/**
 * A claim that a check needs was not sent by the provider, so the answer is unknown: the check says
 * no, and so does its opposite.
 */
export class ClaimUnknownError extends Error {
	static {
		// Checks may be made by another copy of the package than the gate that asks them.
		brand(ClaimUnknownError, "claim-unknown.1");
	}

	override readonly name: string = "ClaimUnknownError";
	readonly claim: string;

	/** @param why What is known about it. Default: the provider did not send it. */
	constructor(claim: string, why = "the provider did not send it") {
		super(`The claim ${claim} is unknown: ${why}`);
		this.claim = claim;
	}
}

/**
 * Yes if all checks say yes. They are asked in order, until one says `false`. If none does, the
 * combination throws if a check threw, or answered with no boolean; else it is `undefined`, which
 * is a no, if a check answered with that.
 *
 * @throws {TypeError} if there is none: nothing to ask is no permission.
 */
export function allOf<C extends AuthContext = AuthContext>(
	...checks: readonly Check<C>[]
): Check<C> {
	return combine("allOf", checks, false, definitionSite());
}

/**
 * Yes if one of the checks says yes. They are asked in order, until one does. If none does, the
 * combination throws if a check threw, or answered with no boolean; else it is `undefined`, which
 * is a no, if a check answered with that.
 *
 * @throws {TypeError} if there is none.
 */
export function anyOf<C extends AuthContext = AuthContext>(
	...checks: readonly Check<C>[]
): Check<C> {
	return combine("anyOf", checks, true, definitionSite());
}

/**
 * Yes only if the check says `false`. A check that throws, answers `undefined`, or whose claim is
 * unknown, has said neither: that is a no here too.
 */
export function not<C extends AuthContext = AuthContext>(check: Check<C>): Check<C> {
	requireChecks("not", [check]);
	const opposite: Check<C> = async (context) => {
		const answer = await ask(check, context);
		return answer === undefined ? undefined : !answer; // proven: not-of-undefined
	};
	return noteRecipe(opposite, { by: "not", of: [originOfCheck(check)] }, definitionSite());
}

/**
 * Yes for members of a group.
 *
 * @param group Exactly as the provider sends it: some send names, some ids.
 * @param options `claim`: the claim that lists groups, as an array or, for one alone, as a text.
 *   Default `groups`.
 * @returns a check that throws `ClaimUnknownError`, which is a no, where the provider sent no such
 *   claim.
 * @throws {TypeError} if the group is empty or no text, such as a variable that is not set.
 */
export function inGroup(
	group: string,
	options: { readonly claim?: string } = {},
): Check<AuthContext> {
	requireText("inGroup", group);
	const { claim = "groups" } = options;
	const check: Check<AuthContext> = ({ user }) => {
		const groups = Object.hasOwn(user.claims, claim) ? user.claims[claim] : undefined; // proven: inherited-claim
		if (isKeptElsewhere(user.claims, claim)) throw new ClaimUnknownError(claim, TOO_MANY); // proven: groups-elsewhere
		if (Array.isArray(groups)) return groups.includes(group);
		if (typeof groups === "string") return groups === group; // proven: group-in-text
		throw new ClaimUnknownError(claim); // proven: missing-groups
	};
	const of = [
		JSON.stringify(group),
		...(claim === "groups" ? [] : [`{ claim: ${JSON.stringify(claim)} }`]),
	];
	return noteRecipe(check, { by: "inGroup", of }, definitionSite());
}

const TOO_MANY =
	"there are too many values for a token, and the provider only says where to ask for them. Let it send those that the app needs";

/**
 * True if the claim is a distributed one (OpenID Connect Core 1.0 section 5.6.2), or Entra ID says
 * in its shorter way that it left groups out. What stands beside that, if anything, is not all of
 * it.
 */
function isKeptElsewhere(userinfo: Readonly<Record<string, unknown>>, claim: string): boolean {
	const { _claim_names: names, hasgroups } = userinfo;
	if (typeof names === "object" && names !== null && Object.hasOwn(names, claim)) return true;
	return claim === "groups" && (hasgroups === true || hasgroups === "true");
}

/**
 * Yes for people whose login was granted a scope; that it was asked for is not enough.
 *
 * @throws {TypeError} if the scope is empty or no text.
 */
export function hasScope(scope: string): Check<AuthContext> {
	requireText("hasScope", scope);
	const check: Check<AuthContext> = ({ user }) => user.grantedScopes.includes(scope); // proven: no-scope
	return noteRecipe(check, { by: "hasScope", of: [JSON.stringify(scope)] }, definitionSite());
}

/**
 * A check that ends with the first `decisive` answer, with the opposite if all gave that, and else
 * throws what stood in the way.
 */
function combine<C extends AuthContext>(
	by: string,
	checks: readonly Check<C>[],
	decisive: boolean,
	site: string | undefined,
): Check<C> {
	requireChecks(by, checks);
	const combined: Check<C> = async (context) => {
		let unusable: { error: unknown } | undefined;
		let isUnknown = false;
		for (const check of checks) {
			try {
				const answer = await ask(check, context);
				if (answer === decisive) return decisive;
				isUnknown ||= answer === undefined;
			} catch (error) {
				unusable ??= { error };
			}
		}
		if (unusable) throw unusable.error; // proven: all-of-unknown
		return isUnknown ? undefined : !decisive; // proven: all-of-undefined
	};
	return noteRecipe(combined, { by, of: checks.map(originOfCheck) }, site);
}

/**
 * What a check says. Throws for anything but `true`, `false` and `undefined`: it must not become a
 * plain no, whose opposite is a yes.
 */
async function ask<C>(check: Check<C>, context: C): Promise<boolean | undefined> {
	const answer: unknown = await check(context);
	if (typeof answer === "boolean" || answer === undefined) return answer; // proven: not-of-unknown
	throw new TypeError(
		`A check answered with ${answer === null ? "null" : typeof answer} instead of true or false`,
	);
}

function requireChecks(name: string, checks: readonly unknown[]): void {
	// proven: empty-combination
	if (checks.length === 0 || checks.some((check) => typeof check !== "function"))
		throw new TypeError(`${name}() takes one or more checks`);
}

/** A check for a missing name would let no person pass, and its opposite everyone. */
export function requireText(name: string, value: unknown): void {
	// proven: empty-group
	if (typeof value !== "string" || value === "")
		throw new TypeError(`${name}() takes a name that is not empty`);
}
