import { LoginError } from "../base/errors.ts";
import { isPromise, type MaybePromise } from "../base/maybe-promise.ts";
import type { StandardIssue, StandardResult, StandardSchemaV1 } from "../base/standard-schema.ts";
import { ID_TOKEN_ONLY } from "./claims.ts";
import type { UserClaims } from "./types.ts";

/**
 * Claims that stay as the provider sent them, in what a schema makes of the others: those that only
 * the signed ID token may say, and those that say that a list of groups is not all of it.
 */
const KEPT: readonly string[] = [...ID_TOKEN_ONLY, "_claim_names", "_claim_sources", "hasgroups"];
/** Paths that a message names at most, and the characters of each. */
const MAX_PATHS = 5;
const MAX_PATH = 100;

/** What reads the claims of a person: a provider. */
interface ClaimsParser {
	readonly name: string;
	parseClaims(claims: UserClaims): MaybePromise<UserClaims>;
}

/**
 * The claims of a person as checks and handlers see them: what `parseClaims` of the provider makes
 * of them. At once where it waits for nothing.
 *
 * @param claims of the ID token and of userinfo, merged.
 * @throws LoginError `claims_invalid`, or what the hook throws; also as a rejection.
 */
export function fitClaims(provider: ClaimsParser, claims: UserClaims): MaybePromise<UserClaims> {
	const parsed = provider.parseClaims(claims);
	if (parsed === claims) return claims;
	const finish = (result: unknown) => withKept(result, claims, provider.name);
	return isPromise(parsed) ? parsed.then(finish) : finish(parsed);
}

/**
 * Validates claims by a Standard Schema. Messages name paths and never values, and so not what the
 * schema says of them.
 *
 * @param provider name of the provider, for errors.
 * @throws LoginError `claims_invalid`, its reason the first path; also as a rejection.
 */
export function parseBySchema<C>(
	schema: StandardSchemaV1<unknown, C>,
	claims: UserClaims,
	provider: string,
): MaybePromise<C> {
	const finish = (result: StandardResult<C>): C => {
		// proven: claims-that-do-not-fit
		if (result.issues !== undefined) throw misfit(result.issues, provider);
		return result.value;
	};
	const broken = (error: unknown): never => {
		if (error instanceof LoginError) throw error;
		// Not as a cause: its message may quote a value.
		const what = error instanceof Error ? error.name : typeof error;
		const message = `The schema of the claims threw (${what}).`;
		throw new LoginError("claims_invalid", message, { provider, reason: "schema" });
	};
	try {
		// A copy: a schema that changes what it is given would change the session.
		const result = schema["~standard"].validate(structuredClone(claims));
		return isPromise(result) ? result.then(finish).catch(broken) : finish(result);
	} catch (error) {
		return broken(error);
	}
}

function misfit(issues: readonly StandardIssue[], provider: string): LoginError {
	const paths = [...new Set(issues.map(pathOf))];
	const named = paths.slice(0, MAX_PATHS).join(", ");
	const more = paths.length > MAX_PATHS ? ` and ${paths.length - MAX_PATHS} more` : "";
	const message = `The claims do not fit the schema at: ${named}${more}.`;
	return new LoginError("claims_invalid", message, { provider, reason: paths[0] ?? "schema" });
}

function pathOf({ path = [] }: StandardIssue): string {
	const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
	return keys.length === 0 ? "(all)" : keys.join(".").slice(0, MAX_PATH);
}

function withKept(result: unknown, claims: UserClaims, provider: string): UserClaims {
	if (typeof result !== "object" || result === null || Array.isArray(result)) {
		const message = "The schema of the claims, or parseClaims, gave no object.";
		throw new LoginError("claims_invalid", message, { provider, reason: "schema" });
	}
	const fitted: Record<string, unknown> = { ...result };
	// proven: schema-over-signed
	for (const name of KEPT) {
		if (Object.hasOwn(claims, name)) fitted[name] = claims[name];
		else delete fitted[name];
	}
	return fitted as UserClaims;
}
