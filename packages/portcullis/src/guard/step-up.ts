import { brand } from "../base/brand.ts";
import { definitionSite } from "../base/definition-site.ts";
import { noteRecipe } from "./check-names.ts";
import type { AuthContext, Check } from "./context.ts";

/**
 * How far clocks may be apart, and how long the way back from the provider may take. Without it a
 * person who signed in recently enough for the provider would come back too late for the gate.
 * Seconds.
 */
const TOLERANCE = 60;

/** How the person must have signed in. At least one of `maxAge` and `acr`. */
export interface StepUpOptions {
	/**
	 * Most seconds since the person has authenticated at the provider, a whole number from 1:
	 * `max_age`, and the `auth_time` of the ID token. Clocks and the way back have a minute besides.
	 */
	readonly maxAge?: number;
	/**
	 * Authentication contexts, the preferred one first; one of them must be the `acr` of the ID
	 * token. Sent as `acr_values`.
	 */
	readonly acr?: string | readonly string[];
	/**
	 * What the provider is asked to do when it is asked: `prompt` (OpenID Connect Core 1.0 section
	 * 3.1.2.1). Default: what it finds right.
	 */
	readonly prompt?: "login" | "consent" | "select_account";
}

/** What a check wants of a sign-in, in the form that a provider is asked with. */
export interface StepUpRequirement {
	readonly maxAge?: number;
	readonly acrValues?: readonly string[];
	readonly prompt?: string;
}

/**
 * A check would say yes to the same person after another sign-in. Neither a yes nor a no: its
 * opposite is none either.
 */
export class StepUpRequiredError extends Error {
	static {
		// Checks may be made by another copy of the package than the gate that asks them.
		brand(StepUpRequiredError, "step-up-required.1");
	}

	override readonly name: string = "StepUpRequiredError";
	readonly requirement: StepUpRequirement;

	constructor(requirement: StepUpRequirement) {
		super("A sign-in that is newer or stronger is wanted");
		this.requirement = requirement;
	}
}

/**
 * Yes for people who have signed in lately, or strongly enough (OpenID Connect Core 1.0 section 2,
 * `auth_time` and `acr`). Any other person who is signed in is sent to the provider once more, and
 * back.
 *
 * Only the signed ID token counts, never userinfo; of a program, its access token. What the token
 * does not say has not happened.
 *
 * @returns a check that throws where another sign-in is wanted. Put it after checks that only look
 *   at who it is: `allOf` asks in order, and a no of theirs goes before.
 * @throws {TypeError} for options that ask for nothing, or cannot be asked.
 */
export function stepUp(options: StepUpOptions): Check<AuthContext> {
	const { maxAge, acr, prompt } = options;
	const acrValues = acr === undefined ? undefined : typeof acr === "string" ? [acr] : [...acr];
	if (maxAge === undefined && acrValues === undefined)
		throw new TypeError("stepUp() takes maxAge, acr or both");
	if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge >= 1))
		throw new TypeError("stepUp() takes maxAge as a whole number of seconds, 1 or more");
	if (acrValues && (acrValues.length === 0 || !acrValues.every(isAcr)))
		throw new TypeError("stepUp() takes acr as one or more names without spaces");
	if (prompt !== undefined && !["login", "consent", "select_account"].includes(prompt))
		throw new TypeError('stepUp() takes prompt as "login", "consent" or "select_account"');
	const requirement: StepUpRequirement = {
		...(maxAge === undefined ? {} : { maxAge }),
		...(acrValues === undefined ? {} : { acrValues }),
		...(prompt === undefined ? {} : { prompt }),
	};
	const check: Check<AuthContext> = ({ user, now = Date.now }) => {
		const { auth_time: authTime, acr: actual } = user.claims;
		const age = typeof authTime === "number" ? now() / 1000 - authTime : Number.NaN;
		// Written so that NaN is not enough.
		const isRecent = maxAge === undefined || (age <= maxAge + TOLERANCE && age >= -TOLERANCE);
		const isStrong =
			acrValues === undefined || (typeof actual === "string" && acrValues.includes(actual));
		if (isRecent && isStrong) return true;
		throw new StepUpRequiredError(requirement);
	};
	return noteRecipe(check, { by: "stepUp", of: [describe(options)] }, definitionSite());
}

/** What `acr_values` can hold: names with spaces between them. */
function isAcr(value: unknown): boolean {
	return typeof value === "string" && /^[\x21-\x7e]{1,255}$/.test(value);
}

function describe({ maxAge, acr, prompt }: StepUpOptions): string {
	const members = Object.entries({ maxAge, acr, prompt }).filter(
		([, value]) => value !== undefined,
	);
	return `{ ${members.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ")} }`;
}
