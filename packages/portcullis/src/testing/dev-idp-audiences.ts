import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from "jose";
import type { Context } from "oidc-provider";
import type { ResolvedDevIdpOptions } from "./dev-idp-options.ts";
import { claimsOf } from "./dev-idp-people.ts";

type Middleware = (context: Context, next: () => Promise<void>) => Promise<void>;

/**
 * The engine's configuration for access tokens that are made for an API: JWTs (RFC 9068) with its
 * name as `aud`, where the request names one of `apis`, as `resource` (RFC 8707) or, at the
 * authorization endpoint, as `audience`. A `resource` that is none of them is refused, an
 * `audience` ignored.
 *
 * @param scope those of every login: an API is granted what was asked for.
 */
export function resourceIndicators(
	{ apis, accessTokenLifetime }: ResolvedDevIdpOptions,
	scope: string,
	InvalidTarget: new () => Error,
): object {
	return {
		enabled: true,
		// For requests without a `resource`. A code and a refresh token have theirs already.
		defaultResource: (context: Context) =>
			apis.find(
				({ audience }) =>
					audience === context.query.audience && context.oidc.route === "authorization",
			)?.audience,
		useGrantedResource: () => true,
		getResourceServerInfo: (_context: Context, audience: string) => {
			const api = apis.find((one) => one.audience === audience);
			if (!api) throw new InvalidTarget();
			return {
				...{
					audience,
					scope: [scope, ...(api.scopes ?? [])].join(" "),
					accessTokenFormat: "jwt",
					accessTokenTTL: accessTokenLifetime,
				},
				jwt: { sign: { alg: "RS256" } },
			};
		},
	};
}

/**
 * Userinfo for such a token, which the engine does not know: commercial providers answer it. No
 * revocation list is asked, as no API of theirs asks one.
 *
 * @param keys the private signing keys; only their public half is used.
 * @param claimsByScope names of claims.
 */
export function userinfoForAudiences(
	{ apis, people }: ResolvedDevIdpOptions,
	{ issuer, keys }: { readonly issuer: string; readonly keys: readonly JWK[] },
	claimsByScope: Readonly<Record<string, readonly string[]>>,
): Middleware {
	const publicKeys = keys.map(
		({ kty, n, e, kid, alg, use }) => ({ kty, n, e, kid, alg, use }) as JWK,
	);
	const findKey = createLocalJWKSet({ keys: publicKeys });
	return async (context, next) => {
		const [, token] =
			/^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(context.req.headers.authorization ?? "") ?? [];
		if (context.path !== "/me" || token === undefined) return next();
		const options = {
			issuer,
			typ: "at+jwt",
			audience: apis.map(({ audience }) => audience),
			algorithms: ["RS256"],
		};
		const claims = await jwtVerify(token, findKey, options).then(
			({ payload }) => payload as JWTPayload & { readonly scope?: string },
			() => undefined,
		);
		const person = people.find(({ sub }) => sub === claims?.sub);
		const scopes = claims?.scope?.split(" ") ?? [];
		if (!person || !scopes.includes("openid")) {
			context.status = 401;
			context.set("www-authenticate", 'Bearer error="invalid_token"');
			context.body = { error: "invalid_token", error_description: "invalid token provided" };
			return;
		}
		const names = new Set(scopes.flatMap((scope) => claimsByScope[scope] ?? []));
		const all = Object.entries(claimsOf(person, issuer)).filter(([name]) => names.has(name));
		context.set("cache-control", "no-store");
		context.body = Object.fromEntries(all);
	};
}
