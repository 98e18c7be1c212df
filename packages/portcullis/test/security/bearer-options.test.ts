import { describe, expect, test } from "vitest";
import type { BearerOptions } from "../../src/config/bearer-options.ts";
import { Azure, type LogEntry, LoginError, type Provider, portcullis } from "../../src/index.ts";
import type { IdTokenClaims, TokenExchange } from "../../src/provider.ts";
import { AUDIENCE, accessToken, callWith } from "../support/access-token.ts";
import { providerClass, startGate } from "../support/gate-fixture.ts";

describe("the option bearer", () => {
	test("left out, an Authorization header means nothing, with a session and without", async () => {
		const fixture = await startGate();
		const answer = await callWith(accessToken(fixture), `${fixture.origin}/api`);
		expect(answer.status).toBe(401);
		expect(answer.headers.get("www-authenticate")).toBe('Cookie realm="app", form-action="/login"');
		expect(await answer.json()).toMatchObject({ code: "login_required" });
		expect(fixture.log).toEqual([]);
	});

	test("scopes: a token that lacks one of them gets nothing but what is open, and is told what is wanted", async () => {
		const bearer = { audience: AUDIENCE, scopes: ["app", "reports:read"] };
		const fixture = await startGate({
			auth: { http: { bearer } },
			gate: { pages: { "/open": { auth: false } } },
		});
		const lacking = accessToken(fixture, { claims: { scope: "app reports:write" } });
		const answer = await callWith(lacking, `${fixture.origin}/api`);
		expect(answer.status).toBe(403);
		expect(answer.headers.get("www-authenticate")).toBe(
			'Bearer realm="app", error="insufficient_scope", scope="app reports:read"',
		);
		expect(fixture.log).toEqual([expect.objectContaining({ code: "forbidden", reason: "scope" })]);
		expect(await (await callWith(lacking, `${fixture.origin}/open`)).text()).toContain(
			"for nobody",
		);
		const enough = accessToken(fixture, { claims: { scope: "reports:read more app" } });
		expect((await callWith(enough, `${fixture.origin}/api`)).status).toBe(200);
	});

	test("several providers: each token is its own issuer's, and the user says whose", async () => {
		const fixture = await startGate({
			providers: ["okta", "other"],
			auth: { http: { bearer: { audience: AUDIENCE } } },
			app: (_, user) => new Response(`${user?.provider} ${user?.issuer}`),
		});
		for (const [idp, name] of ["okta", "other"].entries()) {
			const answer = await callWith(accessToken(fixture, { idp }), `${fixture.origin}/api`);
			expect(await answer.text()).toBe(`${name} ${fixture.idps[idp]?.issuer}`);
		}
	});

	test("keys that cannot be had: nobody is let in, and trying again later makes sense", async () => {
		const fixture = await startGate({
			auth: { http: { bearer: { audience: AUDIENCE } } },
			gate: { pages: { "/open": { auth: false } } },
		});
		fixture.idp.set({ jwks: "empty" });
		const answer = await callWith(accessToken(fixture), `${fixture.origin}/api`);
		expect(answer.status).toBe(503);
		expect(answer.headers.get("retry-after")).toBe("10");
		expect(await (await callWith(accessToken(fixture), `${fixture.origin}/open`)).text()).toContain(
			"for nobody",
		);
	});

	test("a program's token is passed on to nobody", async () => {
		const fixture = await startGate({
			auth: { http: { bearer: { audience: AUDIENCE } } },
			app: async (_, user) => {
				const error = await user?.accessToken().catch((thrown: unknown) => thrown);
				return Response.json([(error as { code?: string }).code, await user?.tokenExtra()]);
			},
		});
		const answer = await callWith(accessToken(fixture), `${fixture.origin}/api`);
		expect(await answer.json()).toEqual(["destination_refused", {}]);
	});

	test.for<[string, unknown, RegExp]>([
		["no audience", {}, /bearer.audience is neither/],
		["an empty audience", { audience: " " }, /bearer.audience is neither/],
		["an empty list of audiences", { audience: [] }, /bearer.audience is neither/],
		["a variable that is not set", { audience: [undefined] }, /bearer.audience is neither/],
		[
			"a provider that there is not",
			{ audience: "a", providers: ["okta"] },
			/bearer.providers has "okta"/,
		],
		["no providers at all", { audience: "a", providers: [] }, /bearer.providers is no list/],
		["scopes in one text", { audience: "a", scopes: ["a b"] }, /bearer.scopes is no list/],
		["an unknown option", { audience: "a", scope: "a" }, /bearer has no option "scope"/],
		["no object", "https://app.example", /bearer is not an object/],
	])("refused at start: %s", async ([, bearer, message]) => {
		await expect(
			startGate({ auth: { http: { bearer: bearer as BearerOptions } } }),
		).rejects.toThrow(message);
	});

	describe("a provider that says whom it lets in for logins alone", () => {
		const bearer = { audience: AUDIENCE };
		const policies: Record<string, typeof providerClass> = {
			verifyIdToken: (name) =>
				class extends providerClass(name) {
					override readonly name = name;
					override async verifyIdToken(
						...input: Parameters<Provider["verifyIdToken"]>
					): Promise<IdTokenClaims> {
						const claims = await super.verifyIdToken(...input);
						if (claims.tenant === "acme") return claims;
						throw new LoginError("access_denied", "Another tenant.", {
							provider: name,
							reason: "tenant",
						});
					}
				},
			validateExchange: (name) =>
				class extends providerClass(name) {
					override readonly name = name;
					override validateExchange({ claims }: TokenExchange): boolean {
						return claims.tenant === "acme";
					}
				},
			"verifyIdToken, by the class that this one extends": (name) =>
				class extends (policies.verifyIdToken as typeof providerClass)(name) {
					override readonly name = name;
				},
		};

		test.for(Object.entries(policies))(
			"is refused at start, with what to do: %s",
			async ([, Named]) => {
				await expect(
					startGate({ providerClass: Named, auth: { http: { bearer } } }),
				).rejects.toThrow(
					/overrides (verifyIdToken|validateExchange), which access tokens do not come by[\s\S]*verifyClaims/,
				);
				// Without its access tokens there is nothing to be held to.
				await expect(startGate({ providerClass: Named })).resolves.toBeDefined();
			},
		);

		test("a preset that is extended so is refused as well, though the preset has verifyClaims", () => {
			class Ours extends Azure {
				override async verifyIdToken(
					...input: Parameters<Azure["verifyIdToken"]>
				): Promise<IdTokenClaims> {
					return super.verifyIdToken(...input);
				}
			}
			const tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
			const env = {
				AZURE_ISSUER_URI: `https://login.microsoftonline.com/${tenant}`,
				AZURE_CLIENT_ID: "app",
				AZURE_CLIENT_SECRET: "secret-of-the-app-h7Kq2Vx9Tz4Lm6",
			};
			const start = (providers: (typeof Azure)[]) =>
				portcullis({ providers, platform: { env }, http: { bearer } }).gate();
			expect(() => start([Ours])).toThrow(/"azure" overrides verifyIdToken/);
			expect(() => start([Azure])).not.toThrow();
		});

		test("one that is imported late lets nobody in, and ready() says why", async () => {
			const Named = (policies.verifyIdToken as typeof providerClass)("generic");
			const fixture = await startGate();
			const log: LogEntry[] = [];
			const auth = portcullis({
				providers: [() => Promise.resolve(Named)],
				platform: { env: fixture.idp.env, log: (entry) => log.push(entry) },
				http: { bearer },
			});
			const gate = auth.gate();
			const headers = { authorization: `Bearer ${accessToken(fixture)}` };
			const answer = await gate.handle(
				new Request("http://localhost/api", { headers }),
				() => new Response("served"),
			);
			expect(answer.status).toBe(503);
			expect(log.at(-1)).toMatchObject({ code: "config_invalid" });
			await expect(gate.ready()).rejects.toThrow(/overrides verifyIdToken/);
		});
	});
});
