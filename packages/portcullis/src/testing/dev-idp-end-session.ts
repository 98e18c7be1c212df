import type { Context } from "oidc-provider";
import { signedOutPage } from "./dev-idp-pages.ts";
import type { Page } from "./dev-idp-respond.ts";

/** The page after a logout that named no page to return to. */
export function endedSessionPage(): Page {
	return signedOutPage();
}

/**
 * Ends the session without a question, if the request carries an ID token of the person who is
 * signed in (OpenID Connect RP-Initiated Logout 1.0 section 2). By then the engine has verified the
 * hint and the return address.
 *
 * @returns false if the person is to be asked.
 */
export async function endSessionAtOnce(context: Context): Promise<boolean> {
	const { session, entities } = context.oidc;
	if (entities.IdTokenHint === undefined || entities.IdTokenHint.payload.sub !== session.accountId)
		return false;
	await revokeGrants(context);
	await session.destroy();
	context.cookies.set(context.oidc.provider.cookieName("session"), null, { signed: true });
	returnToApp(context);
	return true;
}

/**
 * Where no person is signed in there is nothing to confirm: the engine would still ask, with a
 * script that answers.
 */
export async function skipConfirmation(context: Context, next: () => Promise<void>): Promise<void> {
	await next();
	if (context.path !== "/session/end" || context.method !== "GET" || context.status !== 200) return;
	if (context.oidc.session !== undefined && context.oidc.session.accountId === undefined)
		returnToApp(context);
}

function returnToApp(context: Context): void {
	// The engine has removed an address that is not the client's.
	const { post_logout_redirect_uri: target, state } = context.oidc.params;
	const url = new URL(target ?? "/session/end/success", context.oidc.provider.issuer);
	if (target !== undefined && state !== undefined) url.searchParams.set("state", state);
	context.body = null;
	context.status = 303;
	context.redirect(url.href);
}

/**
 * Ends what was granted in this session, apart from offline access, which is meant to outlive it.
 */
async function revokeGrants({ oidc: { provider, session } }: Context): Promise<void> {
	for (const { grantId, persistsLogout } of Object.values(session.authorizations ?? {})) {
		if (grantId === undefined || persistsLogout === true) continue;
		const models = [provider.AccessToken, provider.RefreshToken, provider.AuthorizationCode];
		await Promise.all(models.map((model) => model.revokeByGrantId(grantId)));
		await provider.Grant.adapter.destroy(grantId);
	}
}
