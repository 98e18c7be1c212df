import { expect } from "vitest";
import type { Faults } from "../../src/testing/faulty-idp-faults.ts";
import {
	type GateFixture,
	type GateFixtureOptions,
	MARKER,
	sessionCookies,
} from "../support/gate-fixture.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";
import type { ModuleOf } from "./modules.ts";
import { expectErrorView } from "./refused-login.ts";

type BasicModule = ModuleOf<"oidcc-client-basic-certification-test-plan">;

/** How the answer of the provider comes back: in a query, or in a form. */
export interface CodeFlow {
	start(options?: GateFixtureOptions): Promise<GateFixture>;
	/** Signs in on the way to `/private`; returns the page that comes last. */
	signIn(fixture: GateFixture, browser: ScriptedBrowser): Promise<Answer>;
	/** `response_mode` of the authorization request. */
	readonly responseMode: string | null;
}

/** The modules of the basic plan, which the form post plan runs as well. */
export function codeFlowModules(
	flow: CodeFlow,
): Readonly<Record<BasicModule, () => Promise<void>>> {
	const run = async (faults: Faults, options: GateFixtureOptions = {}) => {
		// A busy machine is not what is tested here.
		const fixture = await flow.start({
			...options,
			auth: { ...options.auth, platform: { timeout: 30, ...options.auth?.platform } },
		});
		const browser = new ScriptedBrowser();
		fixture.idp.faults = faults;
		return { fixture, browser, page: await flow.signIn(fixture, browser) };
	};

	/** The client stops at the ID token: error view, nobody signed in, and userinfo is not asked. */
	const rejectsIdToken =
		(faults: Faults, reason: string, options?: GateFixtureOptions) => async () => {
			const { fixture, browser, page } = await run(faults, options);
			expectErrorView(fixture, page, { code: "token_invalid", reason, status: 502 });
			expect(fixture.idp.count("userinfo")).toBe(0);
			await expectNobody(fixture, browser);
		};

	const accepts = (faults: Faults, options?: GateFixtureOptions) => async () => {
		const { fixture, page } = await run(faults, options);
		expect(page.body).toBe(`${MARKER} /private for ada`);
		expect(fixture.log).toEqual([]);
	};

	const rsa: GateFixtureOptions = { idp: { algorithm: "RS256" } };
	return {
		"oidcc-client-test": async () => {
			const { fixture, page } = await run({});
			expect(page.body).toBe(`${MARKER} /private for ada`);
			expectRequests(fixture, flow);
		},
		"oidcc-client-test-invalid-iss": rejectsIdToken({ idToken: "iss-wrong" }, "iss"),
		"oidcc-client-test-missing-sub": rejectsIdToken({ idToken: "sub-missing" }, "sub"),
		"oidcc-client-test-invalid-aud": rejectsIdToken({ idToken: "aud-wrong" }, "aud"),
		"oidcc-client-test-missing-iat": rejectsIdToken({ idToken: "iat-missing" }, "iat"),
		"oidcc-client-test-kid-absent-single-jwks": accepts(
			{ idToken: "kid-missing", jwks: "no-kid" },
			rsa,
		),
		// The module leaves the choice to try all keys or to refuse; what cannot be told apart is
		// refused.
		"oidcc-client-test-kid-absent-multiple-jwks": rejectsIdToken(
			{ idToken: "kid-missing", jwks: ["second-key", "no-kid"] },
			"kid",
			rsa,
		),
		"oidcc-client-test-idtoken-sig-rs256": accepts({}, rsa),
		// The module leaves the choice to accept it, which the code flow allows, or to refuse it.
		"oidcc-client-test-idtoken-sig-none": rejectsIdToken(
			{
				idToken: "alg-none",
				metadata: { id_token_signing_alg_values_supported: ["RS256", "none"] },
			},
			"alg",
			rsa,
		),
		"oidcc-client-test-invalid-sig-rs256": rejectsIdToken(
			{ idToken: "signature-rogue-key" },
			"signature",
			rsa,
		),
		"oidcc-client-test-userinfo-invalid-sub": async () => {
			const { fixture, browser, page } = await run({ userinfo: "sub-other" });
			expectErrorView(fixture, page, { code: "userinfo_invalid", reason: "sub", status: 502 });
			await expectNobody(fixture, browser);
		},
		"oidcc-client-test-nonce-invalid": rejectsIdToken({ idToken: "nonce-wrong" }, "nonce"),
		"oidcc-client-test-scope-userinfo-claims": async () => {
			const person = {
				sub: "ada",
				name: "Ada Lovelace",
				email: "ada@example.com",
				phone_number: "+44 20 7946 0000",
			};
			const { fixture, page } = await run(
				{},
				{
					idp: { person },
					auth: { extraScopes: ["phone"] },
					app: (_, user) => Response.json({ userinfo: user?.claims }),
				},
			);
			const scopes = fixture.idp.requests
				.find(({ endpoint }) => endpoint === "authorize")
				?.query.get("scope");
			expect(scopes?.split(" ").toSorted()).toEqual(["email", "openid", "phone", "profile"]);
			expect(JSON.parse(page.body).userinfo).toMatchObject(person);
		},
		"oidcc-client-test-client-secret-basic": async () => {
			const { fixture, page } = await run({
				metadata: { token_endpoint_auth_methods_supported: ["client_secret_basic"] },
			});
			expect(page.body).toBe(`${MARKER} /private for ada`);
			const { idp } = fixture;
			const sent = idp.requests.find(({ endpoint }) => endpoint === "token");
			expect(sent?.headers.authorization).toBe(
				`Basic ${btoa(`${idp.clientId}:${idp.clientSecret}`)}`,
			);
			expect(sent?.form.has("client_secret")).toBe(false);
		},
	};
}

/** What the suite demands of every request of every module. */
function expectRequests({ idp, origin }: GateFixture, { responseMode }: CodeFlow): void {
	const sent = (endpoint: string) => {
		const requests = idp.requests.filter((request) => request.endpoint === endpoint);
		expect([endpoint, requests.length]).toEqual([endpoint, 1]);
		return requests[0] as (typeof requests)[number];
	};
	const { query } = sent("authorize");
	expect(Object.fromEntries(query)).toMatchObject({
		response_type: "code",
		client_id: idp.clientId,
		redirect_uri: `${origin}/callback`,
		scope: expect.stringMatching(/^openid /),
		state: expect.stringMatching(/^[\w.-]{22,}$/),
		nonce: expect.stringMatching(/^[\w-]{22,}$/),
		code_challenge: expect.stringMatching(/^[\w-]{43}$/),
		code_challenge_method: "S256",
	});
	expect(query.get("response_mode")).toBe(responseMode);

	const token = sent("token");
	expect(token.method).toBe("POST");
	expect(token.headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
	expect(Object.fromEntries(token.form)).toMatchObject({
		grant_type: "authorization_code",
		redirect_uri: `${origin}/callback`,
		code: expect.any(String),
		code_verifier: expect.stringMatching(/^[\w.~-]{43,128}$/),
	});

	const userinfo = sent("userinfo");
	expect(userinfo.headers.authorization).toMatch(/^Bearer \S+$/);
	// RFC 6750 section 2.3: never in the query, where logs would keep it.
	expect([...userinfo.query.keys(), userinfo.body]).toEqual([""]);
}

async function expectNobody({ origin }: GateFixture, browser: ScriptedBrowser): Promise<void> {
	expect(sessionCookies(browser)).toEqual([]);
	const again = await browser.navigate(`${origin}/private`);
	expect(again.body).not.toContain(MARKER);
	expect(new URL(again.url).pathname).toBe("/login");
}
