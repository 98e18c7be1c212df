import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { Context, Provider } from "oidc-provider";
import { ConfigError } from "../base/errors.ts";
import { userinfoForAudiences } from "./dev-idp-audiences.ts";
import { skipConfirmation } from "./dev-idp-end-session.ts";
import { claimsByScope, createEngine } from "./dev-idp-engine.ts";
import { avatars, interactions, readForm } from "./dev-idp-interaction.ts";
import { listenOnLoopback } from "./dev-idp-listen.ts";
import {
	type DevIdpOptions,
	type ResolvedDevIdpOptions,
	resolveDevIdpOptions,
} from "./dev-idp-options.ts";
import type { DevPerson } from "./dev-idp-people.ts";
import { refuseInProduction } from "./dev-idp-production.ts";
import { isLoopbackHost } from "./dev-idp-redirects.ts";

/** A running development identity provider. */
export interface DevIdp {
	/** Issuer identifier, `http://localhost:<port>`. */
	readonly issuer: string;
	readonly port: number;
	/** Client id of the first client. */
	readonly clientId: string;
	/** Client secret of the first client; absent if that one is public. */
	readonly clientSecret: string | undefined;
	/**
	 * `OIDC_ISSUER_URI`, `OIDC_CLIENT_ID` and, unless the first client is public,
	 * `OIDC_CLIENT_SECRET`; `OIDC_AUDIENCE` if there are APIs.
	 */
	readonly env: Record<string, string>;
	/** Who can sign in. */
	readonly people: readonly DevPerson[];
	/** Stops it at once and forgets all sessions and tokens. */
	close(): Promise<void>;
}

/**
 * Starts an OpenID provider for development and tests in this process: a page with one card per
 * person, a click on which signs in and consents. The protocol is real (authorization code flow
 * with PKCE, RS256, rotating refresh tokens with reuse detection, RFC 9207 `iss`, revocation,
 * RP-initiated logout); the authentication is not.
 *
 * It listens on this machine only and sends codes to this machine only. Refresh tokens are issued
 * when `offline_access` is asked for. Nothing is kept on disk: after a restart every person signs
 * in again.
 *
 * @throws {ConfigError} if `NODE_ENV` is `production`, if an option is wrong, if the port is taken,
 *   or if the optional peer `oidc-provider` is not installed.
 */
export async function startDevIdp(options: DevIdpOptions = {}): Promise<DevIdp> {
	refuseInProduction("The development identity provider");
	const resolved = resolveDevIdpOptions(options);
	const keys = (resolved.jwks?.keys as JWK[] | undefined) ?? [await makeSigningKey()];
	const server = await listenOnLoopback(resolved.port).catch((error: unknown) => {
		throw explainPort(error, resolved.port);
	});
	const issuer = `http://${resolved.host}:${server.port}`;

	try {
		const engine = await createEngine({
			issuer,
			options: resolved,
			keys,
			cookieKey: randomBytes(32).toString("base64url"),
		});
		mount(engine, resolved, keys);
		server.answer(engine.callback());
	} catch (error) {
		await server.close();
		throw error;
	}

	const audience = resolved.apis[0]?.audience;
	const { clientId, clientSecret } = resolved.clients[0] ?? {
		clientId: "",
		clientSecret: undefined,
	};
	return {
		issuer,
		port: server.port,
		clientId,
		clientSecret,
		env: {
			OIDC_ISSUER_URI: issuer,
			OIDC_CLIENT_ID: clientId,
			...(clientSecret !== undefined && { OIDC_CLIENT_SECRET: clientSecret }),
			...(audience !== undefined && { OIDC_AUDIENCE: audience }),
		},
		people: resolved.people,
		close: () => server.close(),
	};
}

async function makeSigningKey(): Promise<JWK> {
	const { privateKey } = await generateKeyPair("RS256", { extractable: true });
	return {
		...(await exportJWK(privateKey)),
		alg: "RS256",
		use: "sig",
		kid: randomBytes(6).toString("base64url"),
	};
}

function explainPort(error: unknown, port: number): unknown {
	if (!(error instanceof Error && "code" in error)) return error;
	if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return error;
	const problem =
		error.code === "EADDRINUSE"
			? `Port ${port} is taken by another program.`
			: `This user may not listen on port ${port}.`;
	return new ConfigError([{ problem, remedy: "Choose another port, or 0 for any free one." }]);
}

function mount(engine: Provider, options: ResolvedDevIdpOptions, keys: readonly JWK[]): void {
	engine.use(ownName(engine.issuer));
	if (options.openerPolicy !== undefined)
		engine.use(withHeader("Cross-Origin-Opener-Policy", options.openerPolicy));
	engine.use(postToGet);
	if (options.apis.length > 0)
		engine.use(
			userinfoForAudiences(options, { issuer: engine.issuer, keys }, claimsByScope(options)),
		);
	engine.use(avatars(options.people));
	engine.use(interactions(engine, options));
	engine.use(skipConfirmation);
}

function withHeader(
	name: string,
	value: string,
): (context: Context, next: () => Promise<void>) => Promise<void> {
	return async (context, next) => {
		context.set(name, value);
		await next();
	};
}

/**
 * Answers only where the browser was told a name of this machine: a page of another site whose name
 * was made to lead here (DNS rebinding) gets nothing. The engine then builds its URLs from the
 * issuer's own name.
 */
function ownName(issuer: string): (context: Context, next: () => Promise<void>) => Promise<void> {
	const { host } = new URL(issuer);
	return async (context, next) => {
		if (!isLoopbackHost(context.req.headers.host)) {
			context.status = 421;
			context.body = `This development identity provider is at ${issuer}.\n`;
			return;
		}
		context.req.headers.host = host;
		await next();
	};
}

/**
 * Both endpoints take POST as well (OpenID Connect Core 1.0 section 3.1.2.1, RP-Initiated Logout
 * 1.0 section 2). The engine would want `SameSite=None` cookies for that, which a browser refuses
 * over http; a GET carries the Lax ones.
 */
async function postToGet(context: Context, next: () => Promise<void>): Promise<void> {
	if (context.method !== "POST" || !["/auth", "/session/end"].includes(context.path)) return next();
	context.status = 303;
	context.redirect(`${context.path}?${await readForm(context.req)}`);
}
