import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { afterAll, describe, expect, it } from "vitest";
import { protect } from "../../src/hosts/node/protect.ts";
import {
	type FaultyIdp,
	type FaultyIdpOptions,
	startFaultyIdp,
} from "../../src/testing/faulty-idp.ts";
import { type GateFixture, SECRET, startGate } from "../support/gate-fixture.ts";
import { type LoopbackServer, serveOnLoopback } from "../support/loopback-server.ts";
import type { Listening } from "../support/web-server.ts";
import { type Case, complaints, diagnosis } from "./diagnosis.ts";

// Fifteen mistakes, each made on purpose in a set-up that is otherwise in order. Doctor has to name
// the one that was made and no other.

const CLIENT = { clientId: "portcullis-test", clientSecret: "client-secret-h7Kq2Vx9Tz4Lm6" };
const ORIGIN = "https://app.example.com";
const closing: (() => Promise<void>)[] = [];

afterAll(async () => {
	await Promise.all(closing.splice(0).map((close) => close()));
});

/**
 * Everything in order: a provider, its variables, a pinned origin whose redirect URI is registered.
 */
async function start(
	options: FaultyIdpOptions = {},
): Promise<{ idp: FaultyIdp; env: Record<string, string | undefined> }> {
	const idp = await startFaultyIdp({
		algorithm: "ES256",
		clients: [CLIENT],
		redirectUris: [`${ORIGIN}/callback`],
		...options,
	});
	closing.push(() => idp.close());
	idp.set({ metadata: GROUPS });
	return { idp, env: { ...idp.env, PORTCULLIS_ORIGIN: ORIGIN, PORTCULLIS_SECRET: SECRET } };
}

/**
 * The scope is the claim's name, and not asked for by default: these metadata say that the claim
 * comes by itself.
 */
const GROUPS = {
	scopes_supported: ["openid", "email", "profile"],
	claims_supported: ["sub", "groups"],
};

interface Mistake {
	readonly make: () => Promise<Case>;
	/** All that doctor complains of. */
	readonly complaint: string;
	readonly cause: RegExp;
	readonly fix: RegExp;
}

const mistakes: Readonly<Record<string, Mistake>> = {
	"the issuer is wrong": {
		async make() {
			const { env } = await start();
			return { env: { ...env, OIDC_ISSUER_URI: `${env.OIDC_ISSUER_URI}/realms/other` } };
		},
		complaint: "fail issuer",
		cause:
			/OIDC_ISSUER_URI is not an issuer: .*\/realms\/other\/\.well-known\/openid-configuration answered with status 404/,
		fix: /Copy the issuer/,
	},
	"the issuer has a trailing slash": {
		async make() {
			const { env } = await start();
			return { env: { ...env, OIDC_ISSUER_URI: `${env.OIDC_ISSUER_URI}/` } };
		},
		complaint: "fail issuer",
		cause: /OIDC_ISSUER_URI has a trailing slash, and the issuer has none/,
		fix: /^Set OIDC_ISSUER_URI=http:\/\/localhost:\d+$/,
	},
	"the client secret is wrong": {
		async make() {
			const { env } = await start();
			return { env: { ...env, OIDC_CLIENT_SECRET: "another-secret-k3Wp8Zs5Bn1Qy7" } };
		},
		complaint: "fail client",
		cause: /The client secret is wrong/,
		fix: /OIDC_CLIENT_SECRET/,
	},
	"the redirect URI is not registered": {
		async make() {
			const { env } = await start({ redirectUris: ["https://app.example.com/auth/callback"] });
			return { env };
		},
		complaint: "fail redirect-uri",
		cause: /does not know it as a redirect URI of the client portcullis-test/,
		fix: /exactly this .*: https:\/\/app\.example\.com\/callback$/,
	},
	"the clock is off by 5 minutes": {
		async make() {
			const { idp, env } = await start();
			idp.set({ clockSkew: 300 });
			return { env };
		},
		complaint: "fail clock",
		cause: /The provider's clock is 5 minutes ahead of this machine's, more than the 60 seconds/,
		fix: /NTP/,
	},
	"a proxy does not forward the protocol": {
		async make() {
			const gate = await startGate({ idp: { redirectUris: [`${ORIGIN}/callback`] }, gate: {} });
			gate.idp.set({ metadata: GROUPS });
			return behindProxy(gate, "http://app.example.com");
		},
		complaint: "fail public-origin",
		cause: /A proxy ends TLS and does not forward the protocol/,
		fix: /PORTCULLIS_ORIGIN=https:\/\/app\.example\.com\. .*X-Forwarded-Proto/,
	},
	"the origin is plain http": {
		async make() {
			const { env } = await start({ redirectUris: ["http://app.example.com/callback"] });
			return { env: { ...env, PORTCULLIS_ORIGIN: "http://app.example.com" } };
		},
		complaint: "fail https",
		cause: /It is plain http: over it browsers drop every Secure cookie/,
		fix: /Serve the app over https/,
	},
	"two providers share an issuer": {
		async make() {
			const other = { clientId: "other", clientSecret: "other-secret-p4Xr9Kd2Lm7Bv1" };
			const callbacks = ["okta", "keycloak"].map((name) => `${ORIGIN}/callback/${name}`);
			const { idp, env } = await start({ clients: [CLIENT, other], redirectUris: callbacks });
			return {
				env: {
					...{ PORTCULLIS_ORIGIN: ORIGIN, PORTCULLIS_SECRET: env.PORTCULLIS_SECRET },
					...{
						OKTA_ISSUER_URI: idp.issuer,
						OKTA_CLIENT_ID: CLIENT.clientId,
						OKTA_CLIENT_SECRET: CLIENT.clientSecret,
					},
					...{
						KEYCLOAK_ISSUER_URI: idp.issuer,
						KEYCLOAK_CLIENT_ID: other.clientId,
						KEYCLOAK_CLIENT_SECRET: other.clientSecret,
					},
				},
			};
		},
		complaint: "fail settings",
		cause: /Providers "keycloak" and "okta" share the issuer http:\/\/localhost:\d+/,
		fix: /keep one of them/,
	},
	"no secret at all for a public client in production": {
		async make() {
			const { env } = await start({ clients: [{ clientId: CLIENT.clientId }] });
			return { env: { ...env, PORTCULLIS_SECRET: undefined, NODE_ENV: "production" } };
		},
		complaint: "fail cookie-secret",
		cause: /no client secret of 16 characters or more to derive cookie keys from/,
		fix: /Set PORTCULLIS_SECRET .*npx portcullis secret/,
	},
	"the server in front takes fewer cookies than a session has": {
		async make() {
			const gate = await startGate({ serve: serveWithSmallHeaders });
			gate.idp.set({ metadata: GROUPS });
			return { env: gateEnv(gate), url: gate.origin };
		},
		complaint: "fail header-limit",
		cause:
			/A request with 7168 bytes of cookies.* status 431: the proxy or server allows less in a header/,
		fix: /large_client_header_buffers/,
	},
	"the provider is down": {
		async make() {
			const { idp, env } = await start();
			await idp.close();
			return { env };
		},
		complaint: "fail discovery",
		cause: /Nothing listens at localhost:\d+ \(ECONNREFUSED\): it is down/,
		fix: /Start it, or correct OIDC_ISSUER_URI/,
	},
	"the provider's certificate is not trusted": {
		async make() {
			const server = await untrusted();
			return {
				env: { ...variables(`https://localhost:${server.port}`), PORTCULLIS_ORIGIN: ORIGIN },
			};
		},
		complaint: "fail tls",
		cause:
			/The TLS certificate of localhost:\d+ is not trusted here \((DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)\)/,
		fix: /NODE_EXTRA_CA_CERTS/,
	},
	"the tenant is the wrong one": {
		async make() {
			const issuer = `https://login.microsoftonline.com/${TENANT}/v2.0`;
			const fetch = await entra(issuer);
			return {
				env: { ...prefixed("AZURE", variables(issuer)), PORTCULLIS_ORIGIN: ORIGIN },
				platform: { fetch },
			};
		},
		complaint: "fail tenant",
		cause: /The app is registered in another tenant.*AADSTS700016/,
		fix: /directory \(tenant\) ID .*AZURE_ISSUER_URI/,
	},
	"the groups claim is missing": {
		async make() {
			const { idp, env } = await start();
			idp.set({ metadata: { ...GROUPS, claims_supported: ["sub", "email"] } });
			return { env, claims: ["groups"] };
		},
		complaint: "fail claims",
		cause: /Neither the scopes nor the claims of the provider's metadata name groups/,
		fix: /Add a claim or mapper groups/,
	},
	"the metadata are out of date": {
		async make() {
			const { idp, env } = await start();
			idp.set({ metadata: { ...GROUPS, jwks_uri: `${idp.issuer}/old/jwks` } });
			return { env };
		},
		complaint: "fail keys",
		cause: /The metadata is out of date: the key set that it names answers with status 404/,
		fix: /correct jwks_uri/,
	},
};

describe("doctor finds", () => {
	it("fifteen mistakes", () => {
		expect(Object.keys(mistakes)).toHaveLength(15);
	});

	it.each(Object.entries(mistakes))("%s", async (_what, { make, complaint, cause, fix }) => {
		const options = await make();
		const findings = await diagnosis(options);
		expect(complaints(findings), JSON.stringify(findings, undefined, 1)).toEqual([complaint]);
		const found = findings.find(({ status }) => status === "fail");
		expect(found?.cause).toMatch(cause);
		expect(found?.fix).toMatch(fix);
		for (const [name, value] of Object.entries(options.env))
			if (name.endsWith("_SECRET") && value) expect(JSON.stringify(findings)).not.toContain(value);
	});

	it("nothing, where no mistake was made", async () => {
		const { env } = await start();
		const findings = await diagnosis({ env });
		expect(complaints(findings)).toEqual([]);
		expect(findings.filter(({ status }) => status === "skipped")).toEqual([]);
		expect(findings.map(({ id }) => id)).toEqual([
			...["settings", "origin", "cookie-secret"],
			...["discovery", "pkce", "keys", "clock", "client", "redirect-uri", "end-session", "claims"],
		]);
	});

	it("nothing, where the proxy forwards what it should", async () => {
		const gate = await startGate({ idp: { redirectUris: [`${ORIGIN}/callback`] } });
		gate.idp.set({ metadata: GROUPS });
		const findings = await diagnosis(behindProxy(gate, ORIGIN));
		expect(complaints(findings)).toEqual([]);
		expect(findings.map(({ id }) => id)).toEqual(
			expect.arrayContaining(["public-origin", "cookies", "header-limit", "hsts"]),
		);
	});
});

const TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";

function variables(issuer: string): Record<string, string> {
	return {
		OIDC_ISSUER_URI: issuer,
		OIDC_CLIENT_ID: CLIENT.clientId,
		OIDC_CLIENT_SECRET: CLIENT.clientSecret,
		PORTCULLIS_SECRET: SECRET,
	};
}

function gateEnv(gate: GateFixture): Record<string, string> {
	return { ...gate.idp.env, PORTCULLIS_SECRET: SECRET };
}

function prefixed(name: string, env: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(env).map(([key, value]) => [key.replace("OIDC", name), value]),
	);
}

/** As a proxy with a small buffer does: everything gets through but large headers. */
async function serveWithSmallHeaders(gate: GateFixture["gate"]): Promise<Listening> {
	const listener = protect((_request, response) => response.end("app"), gate);
	const server = createServer({ maxHeaderSize: 4096 }, listener);
	await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
	const close = async () => void server.close();
	closing.push(close);
	return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, close };
}

/** A proxy at `https://app.example.com` that asks the gate at an address of its own choice. */
function behindProxy(gate: GateFixture, passedOn: string): Case {
	const appFetch: typeof fetch = (input, init) => {
		const url = new URL(input instanceof Request ? input.url : input);
		const target = new URL(url.pathname + url.search, passedOn);
		return gate.gate.handle(new Request(target, init), () => new Response("app"));
	};
	return { env: gateEnv(gate), url: ORIGIN, platform: { appFetch } };
}

/** A directory that exists, and that the app is not registered in: as Entra answers. */
async function entra(issuer: string): Promise<typeof fetch> {
	const idp = await startFaultyIdp({
		listen: false,
		issuer,
		algorithm: "ES256",
		clients: [CLIENT],
	});
	idp.set({ issParameter: false, metadata: GROUPS });
	const description = `AADSTS700016: Application with identifier '${CLIENT.clientId}' was not found in the directory 'Contoso'.`;
	return async (input, init) => {
		const url = new URL(input instanceof Request ? input.url : input);
		if (url.pathname.endsWith("/token"))
			return Response.json(
				{ error: "unauthorized_client", error_description: description },
				{ status: 400 },
			);
		// Nothing but a page, and not an error by its status.
		if (url.pathname.endsWith("/authorize"))
			return new Response("<title>Sign in to your account</title>");
		return idp.fetch(input, init);
	};
}

/** A server for localhost, by a certificate that nobody has signed. */
async function untrusted(): Promise<LoopbackServer> {
	const altNames = [{ type: 2 as const, value: "localhost" }];
	const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
		keyType: "ec",
		extensions: [{ name: "subjectAltName", altNames }],
	});
	const server = await serveOnLoopback((_request, response) => response.end("{}"), { cert, key });
	closing.push(() => server.close());
	return server;
}
