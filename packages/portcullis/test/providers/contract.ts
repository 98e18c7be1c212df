import { describe, expect, it } from "vitest";
import { type ConfigError, portcullis } from "../../src/index.ts";
import type { Faults } from "../../src/testing/faulty-idp-faults.ts";
import { sessionCookies } from "../support/gate-fixture.ts";
import { type ProviderShape, startShape } from "./shape.ts";

/** What is expected of a preset, beside what is expected of all. */
export interface Expectations {
	/** On the button. */
	readonly label: string;
	/** True if the preset knows the issuer where no variable names one. */
	readonly knowsIssuer?: boolean;
	/** `extraScopes` of the app. Default: `offline_access`. */
	readonly extraScopes?: readonly string[];
	/** Parameters of the authorization request, `undefined` for one that must not be there. */
	readonly authorization: Readonly<Record<string, string | undefined>>;
	/** What the app sees of the person. */
	readonly claims: Readonly<Record<string, unknown>>;
	readonly grantedScopes: readonly string[];
	/**
	 * Where a logout leads and with which parameters; `undefined` if it stays here. `APP` stands for
	 * the app's origin.
	 */
	readonly logout:
		| { readonly url: string; readonly parameters: Readonly<Record<string, string | undefined>> }
		| undefined;
	/** Logins that must be refused, by what is wrong with them. */
	readonly foreign?: Readonly<
		Record<string, { readonly faults: Faults; readonly code: string; readonly reason: string }>
	>;
}

/** Logins that every provider must refuse. */
const FOREIGN: Required<Expectations>["foreign"] = {
	"another issuer": {
		faults: { idTokenClaims: { iss: "https://another-issuer.invalid" } },
		code: "token_invalid",
		reason: "iss",
	},
	"its issuer with a slash more": { faults: {}, code: "token_invalid", reason: "iss" },
	"another audience": { faults: { idToken: "aud-wrong" }, code: "token_invalid", reason: "aud" },
	"a second audience": {
		faults: { idToken: "aud-extra-azp" },
		code: "token_invalid",
		reason: "aud",
	},
	"a foreign key": {
		faults: { idToken: "signature-rogue-key" },
		code: "token_invalid",
		reason: "signature",
	},
	"no signature, though the metadata list none": {
		faults: {
			idToken: "alg-none",
			metadata: { id_token_signing_alg_values_supported: ["none", "ES256"] },
		},
		code: "token_invalid",
		reason: "alg",
	},
	"the client secret for a key, though the metadata list HS256": {
		faults: {
			idToken: "alg-hs256-client-secret",
			metadata: { id_token_signing_alg_values_supported: ["HS256", "ES256"] },
		},
		code: "token_invalid",
		reason: "alg",
	},
	"somebody else at userinfo": {
		faults: { userinfo: "sub-other" },
		code: "userinfo_invalid",
		reason: "sub",
	},
};

/**
 * The same list for each preset: sets up, signs in, renews, signs out, and refuses what is foreign.
 */
export function describeProvider(
	title: string,
	shape: ProviderShape,
	expected: Expectations,
): void {
	const start = () =>
		startShape(shape, { auth: { extraScopes: expected.extraScopes ?? ["offline_access"] } });

	describe(title, () => {
		it("is set up by variables of its own, and says which are missing", () => {
			let problems: string[] = [];
			try {
				portcullis({ providers: [shape.provider()], platform: { env: {}, log: () => {} } }).gate();
			} catch (error) {
				problems = (error as ConfigError).problems.map(
					({ problem, remedy }) => `${problem} ${remedy}`,
				);
			}
			expect(problems.join("\n")).toContain(`${shape.prefix}_CLIENT_ID`);
			expect(problems.join("\n").includes(`${shape.prefix}_ISSUER_URI`)).toBe(
				expected.knowsIssuer !== true,
			);
		});

		it("signs in: a request that the provider takes, and the person with their claims", async () => {
			const fixture = await start();
			const browser = fixture.browser();
			const page = await browser.navigate(`${fixture.origin}/private`);
			expect(page.body).toContain(`Login with <bdi>${expected.label}</bdi>`);
			expect((await fixture.signIn(browser)).body).toBe(
				`served by the app for ${shape.person.sub}`,
			);

			const sent = browser.trail.find((line) =>
				line.startsWith(`GET ${shape.endpoints.authorization_endpoint}?`),
			);
			const parameters = new URL(sent?.slice(4) ?? "").searchParams;
			expect(Object.fromEntries(parameters)).toMatchObject({
				response_type: "code",
				code_challenge_method: "S256",
			});
			for (const [name, value] of Object.entries(expected.authorization)) {
				expect([name, parameters.get(name)]).toEqual([name, value ?? null]);
			}
			const user = fixture.user();
			expect(user?.claims).toMatchObject(expected.claims);
			expect(user?.provider).toBe(shape.prefix.toLowerCase());
			expect(user?.issuer).toBe(shape.claims?.iss ?? shape.issuer);
			expect(user?.grantedScopes).toEqual(expected.grantedScopes);
			expect(fixture.log).toEqual([]);
		});

		it("renews the session with the refresh token, and asks for nothing that was not granted", async () => {
			const fixture = await start();
			const browser = fixture.browser();
			await fixture.signIn(browser);
			const before = await fixture.user()?.accessToken();
			fixture.pass(3590);
			const answer = await fixture.renew(browser);
			expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
				200,
				{ renewed: true, session: { signedIn: true } },
			]);
			const { form } = fixture.idp.requests.findLast(({ endpoint }) => endpoint === "token") ?? {};
			expect(form?.get("grant_type")).toBe("refresh_token");
			const asked = (form?.get("scope") ?? "").split(" ").filter(Boolean);
			const granted = expected.grantedScopes.map((scope) => shape.scopeNames?.[scope] ?? scope);
			expect(asked.filter((scope) => !granted.includes(scope))).toEqual([]);
			await browser.navigate(`${fixture.origin}/private`);
			expect(fixture.user()?.claims).toMatchObject(expected.claims);
			expect(fixture.user()?.grantedScopes).toEqual(expected.grantedScopes);
			expect(await fixture.user()?.accessToken()).not.toBe(before);
			expect(fixture.log).toEqual([]);
		});

		it("goes on with the old tokens where a renewal brings neither ID token nor refresh token nor scope", async () => {
			const fixture = await start();
			const browser = fixture.browser();
			await fixture.signIn(browser);
			fixture.bend({
				token: "refresh-token-missing",
				tokenResponse: { id_token: undefined, scope: undefined },
			});
			for (const _ of [1, 2]) {
				fixture.pass(3590);
				expect(JSON.parse((await fixture.renew(browser)).body)).toMatchObject({ renewed: true });
			}
			await browser.navigate(`${fixture.origin}/private`);
			expect(fixture.user()?.claims).toMatchObject(expected.claims);
			expect(fixture.user()?.grantedScopes).toEqual(expected.grantedScopes);
		});

		it("ends the session when the provider refuses to renew it", async () => {
			const fixture = await start();
			const browser = fixture.browser();
			await fixture.signIn(browser);
			fixture.pass(3590);
			fixture.bend({ token: "invalid-grant" });
			expect((await fixture.renew(browser)).status).toBe(401);
			expect(sessionCookies(browser)).toEqual([]);
		});

		it(`logs out ${expected.logout ? "here and at the provider" : "here: the provider has no logout of its own"}`, async () => {
			const fixture = await start();
			const browser = fixture.browser();
			await fixture.signIn(browser);
			const confirm = await browser.click("/logout");
			const last = await browser.submit(confirm);
			expect(sessionCookies(browser)).toEqual([]);
			expect(fixture.idp.count("revoke")).toBe(
				shape.endpoints.revocation_endpoint === undefined ? 0 : 1,
			);
			const left = browser.trail.filter(
				(line) => !line.includes(fixture.origin) || line.startsWith("GET https"),
			);
			if (expected.logout === undefined) {
				expect(left).toEqual([]);
				expect(last.url).toBe(`${fixture.origin}/logout`);
				expect(last.body).toContain("You may still be signed in at");
				return;
			}
			const { url, parameters } = expected.logout;
			const sent = new URL(left[0]?.slice(4) ?? "");
			expect(sent.origin + sent.pathname).toBe(url);
			for (const [name, value] of Object.entries(parameters)) {
				expect([name, sent.searchParams.get(name)]).toEqual([
					name,
					value?.replace("APP", fixture.origin) ?? null,
				]);
			}
			expect(sent.searchParams.get("client_id")).toBe(fixture.idp.clientId);
			if (shape.ownLogout === undefined) return;
			// Without `state` nobody can tell this return from any other.
			expect(last.url).toBe(`${fixture.origin}/logout`);
			expect(last.body).toContain("You may still be signed in at");
		});

		const foreign = Object.entries({ ...FOREIGN, ...expected.foreign });
		const asked = shape.endpoints.userinfo_endpoint !== undefined;
		it.each(foreign.filter(([what]) => asked || what !== "somebody else at userinfo"))(
			"refuses a login with %s",
			async (what, { faults, code, reason }) => {
				const fixture = await start();
				const iss = String(shape.claims?.iss ?? shape.issuer);
				fixture.bend(
					what.includes("slash")
						? { idTokenClaims: { iss: iss.endsWith("/") ? iss.slice(0, -1) : `${iss}/` } }
						: faults,
				);
				const browser = fixture.browser();
				const page = await fixture.signIn(browser);
				expect(page.status).toBeGreaterThanOrEqual(400);
				expect(fixture.log).toMatchObject([{ code, reason }]);
				expect(sessionCookies(browser)).toEqual([]);
				expect(fixture.user()).toBeUndefined();
			},
		);
	});
}
