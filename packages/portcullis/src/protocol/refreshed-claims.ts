import { isPortcullisError } from "../base/errors.ts";
import { within } from "../base/within.ts";
import { requireClaims } from "./claims-policy.ts";
import type { ProviderHooks } from "./provider-hooks.ts";
import { hooksOf } from "./run-hook.ts";
import type { IdTokenClaims, RefreshInput, UserClaims } from "./types.ts";
import { isAbout, readUnverified } from "./unverified-jwt.ts";
import { isUserinfoOf, isUserinfoRefusal } from "./userinfo.ts";

/** Why an ID token could not be verified, without anything being wrong with it. */
const UNVERIFIABLE: ReadonlySet<string> = new Set([
	"provider_unreachable",
	"provider_misconfigured",
	"clock_skew",
]);

/** What counts of a refresh; or why the session has ended. */
export type RefreshedClaims =
	| {
			readonly response: Readonly<Record<string, unknown>>;
			readonly claims?: IdTokenClaims;
			readonly unverified?: unknown;
	  }
	| { readonly error: string };

/**
 * A new ID token must be about the same person (OpenID Connect Core 1.0 section 12.2). One that
 * cannot be verified for now is left out, if it at least names the same person: the one before
 * says the same. `unverified` says why. A key that the provider does not publish, as a key set
 * says that was fetched since, ends the session.
 *
 * @param seconds How long that may take.
 */
export async function verifyRefreshed(
	provider: ProviderHooks,
	response: Readonly<Record<string, unknown>>,
	{ tokens: { idToken: former }, claims: { iss, sub } }: RefreshInput,
	seconds: number,
): Promise<RefreshedClaims> {
	const { id_token: idToken, ...rest } = response;
	if (typeof idToken !== "string") return { response };
	const previous = { iss: String(iss), sub };
	const expectation = { nonce: undefined, previous, accessToken: String(response.access_token) };
	try {
		const claims = await within(
			seconds * 1000,
			provider.verifyIdToken(idToken, expectation),
			undefined,
		);
		if (claims === undefined) {
			const unverified = hooksOf(provider.name).error(
				"provider_unreachable",
				"timeout",
				"The new ID token took too long to verify.",
			);
			return isAbout(idToken, previous)
				? { response: rest, unverified }
				: { error: "id_token_sub" };
		}
		// Once more, because the hook may have been replaced.
		if (claims.sub !== sub || claims.iss !== iss) return { error: "id_token_sub" };
		const nonce = former === undefined ? undefined : readUnverified(former).nonce;
		// proven: refreshed-nonce
		if (claims.nonce !== undefined && nonce !== undefined && claims.nonce !== nonce)
			return { error: "id_token_nonce" };
		await requireClaims(provider, claims, "refreshed_id_token"); // proven: claims-of-renewals
		return { response, claims };
	} catch (error) {
		if (!isPortcullisError(error)) return { error: "id_token_hook" };
		// Keys that cannot be had, and a clock that is wrong, say nothing about the person.
		// proven: unverified-refresh
		if (UNVERIFIABLE.has(error.code) && isAbout(idToken, previous))
			return { response: rest, unverified: error };
		return { error: `id_token_${error.reason ?? error.code}` };
	}
}

/**
 * Userinfo for a new access token: a provider that refuses it has ended the session, one that does
 * not answer has said nothing.
 */
export async function refreshUserinfo<U extends UserClaims>(
	provider: ProviderHooks<U>,
	accessToken: string,
	session: UserClaims,
	seconds: number,
): Promise<{ userinfo: U | undefined } | { userinfo: undefined; error: unknown } | "refused"> {
	try {
		const ask = async () => ({ userinfo: await provider.fetchUserinfo(accessToken) });
		const asked = await within(seconds * 1000, ask(), undefined);
		if (asked === undefined)
			throw hooksOf(provider.name).error(
				"provider_unreachable",
				"timeout",
				"Userinfo took too long to answer.",
			);
		const { userinfo } = asked;
		// proven: refreshed-userinfo-sub
		return userinfo !== undefined && !isUserinfoOf(userinfo, session) ? "refused" : { userinfo };
	} catch (error) {
		return isUserinfoRefusal(error) ? "refused" : { userinfo: undefined, error };
	}
}
