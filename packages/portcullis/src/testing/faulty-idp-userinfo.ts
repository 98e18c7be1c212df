import { listFaults, override, type UserinfoFault } from "./faulty-idp-faults.ts";
import { signJwt } from "./faulty-idp-id-token.ts";
import { json } from "./faulty-idp-respond.ts";
import { type FaultyIdpRequest, type FaultyIdpState, lookUp } from "./faulty-idp-state.ts";

/** Answers with the claims of the person (OpenID Connect Core 1.0 section 5.3). */
export function userinfo(state: FaultyIdpState, request: FaultyIdpRequest): Response {
	const faults = listFaults(state.faults.userinfo);
	const value = /^bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? null;
	const accessToken = lookUp(state, state.accessTokens, value);
	if (accessToken === undefined || faults.includes("refused")) return refused();

	const claims: Record<string, unknown> = { ...accessToken.login.person };
	for (const fault of faults) override(claims, userinfoChanges[fault] ?? {});
	if (listFaults(state.faults.idToken).includes("groups-overage")) delete claims.groups;
	override(claims, state.faults.userinfoClaims);
	const [key] = state.keys.published;
	if (!faults.includes("jwt") || key === undefined) return json(claims);
	const jwt = signJwt(key, { iss: state.issuer, aud: accessToken.login.clientId, ...claims });
	return new Response(jwt, { headers: { "content-type": "application/jwt" } });
}

function refused(): Response {
	const challenge =
		'Bearer error="invalid_token", error_description="The access token is unknown or has ended"';
	return json({ error: "invalid_token" }, 401, { "www-authenticate": challenge });
}

const userinfoChanges: Partial<Readonly<Record<UserinfoFault, Readonly<Record<string, unknown>>>>> =
	{
		"sub-other": { sub: "somebody-else" },
		"sub-missing": { sub: undefined },
	};
