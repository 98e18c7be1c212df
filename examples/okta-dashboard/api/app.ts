import { Hono, type MiddlewareHandler } from "hono";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { devicesOf } from "./devices.ts";

/** Whose tokens the API takes. */
export interface ApiOptions {
	/** The provider that makes them, exactly as it names itself. */
	readonly issuer: string;
	/** What the API is called there: a token that was made for anything else is refused. */
	readonly audience: string;
}

interface Caller {
	Variables: { sub: string };
}

/**
 * A small API of its own, which knows no cookies and no sessions: each caller brings an access
 * token, and gets what belongs to the person that it is about (RFC 9068 section 4).
 */
export function createApi(options: ApiOptions) {
	const app = new Hono<Caller>();
	app.use("*", bearer(options));
	app.get("/devices", (c) => {
		c.header("Cache-Control", "no-store");
		return c.json(devicesOf(c.var.sub, Date.now()));
	});
	return app;
}

/** Lets in a caller with a valid token of this issuer for this API. */
function bearer({ issuer, audience }: ApiOptions): MiddlewareHandler<Caller> {
	/** Found at the first call; `jose` fetches the keys again when one is unknown. */
	let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
	const findKeys = () => {
		keys ??= keysOf(issuer).catch((error: unknown) => {
			keys = undefined;
			throw error;
		});
		return keys;
	};
	return async (c, next) => {
		const [, token] =
			/^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(c.req.header("Authorization") ?? "") ?? [];
		// RFC 6750 section 3.1: no word about errors to a caller without a token.
		if (token === undefined) return c.body(null, 401, { "WWW-Authenticate": "Bearer" });
		try {
			const { payload } = await jwtVerify(token, await findKeys(), {
				...{ issuer, audience, algorithms: ["RS256", "PS256", "ES256"] },
				requiredClaims: ["exp", "sub"],
			});
			c.set("sub", String(payload.sub));
		} catch (error) {
			if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout)
				return c.json({ error: "temporarily_unavailable" }, 503, { "Retry-After": "5" });
			return c.json({ error: "invalid_token" }, 401, {
				"WWW-Authenticate": 'Bearer error="invalid_token"',
			});
		}
		return next();
	};
}

async function keysOf(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
	const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
	const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
	const metadata = (await response.json()) as {
		readonly issuer?: unknown;
		readonly jwks_uri?: unknown;
	};
	if (metadata.issuer !== issuer) throw new Error(`${url} is about another issuer`);
	return createRemoteJWKSet(new URL(String(metadata.jwks_uri)));
}
