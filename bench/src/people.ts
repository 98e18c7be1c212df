import type { LoginResult } from "portcullis/provider";
import { createKeyRing } from "../../packages/portcullis/src/crypto/key-ring.ts";
import { cookieNames } from "../../packages/portcullis/src/session/cookie-names.ts";
import { sealSession } from "../../packages/portcullis/src/session/seal-session.ts";
import { opaque, person } from "./tokens.ts";

/**
 * The `Cookie` headers of so many different people, sealed by the code that a login ends with.
 * Their tokens are as long as real ones, but they are not signed: signatures are looked at when a
 * person signs in, not when cookies are opened.
 */
export async function sealPeople(count: number, env: Record<string, string>): Promise<string[]> {
	const {
		OIDC_ISSUER_URI: issuer = "",
		OIDC_CLIENT_ID: clientId = "",
		PORTCULLIS_SECRET: secret = "",
	} = env;
	const { ordinary } = await cookieNames("generic", issuer, clientId);
	const seal = { ring: await createKeyRing([secret]), names: ordinary };
	const now = Math.floor(Date.now() / 1000);
	const headers: string[] = [];
	for (let i = 0; i < count; i++) {
		const claims: LoginResult["claims"] = {
			iss: issuer,
			aud: clientId,
			exp: now + 3600,
			iat: now,
			sid: opaque(22),
			...person(`person-${i}`),
		};
		const tokens: LoginResult["tokens"] = {
			accessToken: jwt({ iss: issuer, sub: claims.sub, filler: opaque(930) }),
			accessTokenExpiresAt: now + 86_400,
			refreshToken: opaque(1500),
			idToken: jwt(claims),
			scopes: ["openid", "email", "profile", "offline_access", "groups"],
			extra: {},
		};
		const { cookies } = await sealSession(
			seal,
			{ claims, tokens },
			{ now, requestCookies: new Map(), otherBytes: 0, canRefetchUserinfo: false },
		);
		headers.push(cookies.map(({ name, value }) => `${name}=${value}`).join("; "));
	}
	return headers;
}

function jwt(claims: Record<string, unknown>): string {
	const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
	return `${encode({ alg: "RS256", kid: "key-1", typ: "JWT" })}.${encode(claims)}.${opaque(342)}`;
}
