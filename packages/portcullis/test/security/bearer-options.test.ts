import { describe, expect, test } from "vitest";
import type { GateOptions } from "../../src/index.ts";
import { AUDIENCE, accessToken, callWith } from "../support/access-token.ts";
import { type Person, startGate } from "../support/gate-fixture.ts";

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
		const fixture = await startGate({ gate: { bearer, pages: { "/open": { auth: false } } } });
		const lacking = accessToken(fixture, { claims: { scope: "app reports:write" } });
		const answer = await callWith(lacking, `${fixture.origin}/api`);
		expect(answer.status).toBe(403);
		expect(answer.headers.get("www-authenticate")).toBe(
			'Bearer realm="app", error="insufficient_scope", scope="app reports:read"',
		);
		expect(fixture.log).toEqual([expect.objectContaining({ code: "forbidden", reason: "scope" })]);
		expect(await (await callWith(lacking, `${fixture.origin}/open`)).text()).toContain("for nobody");
		const enough = accessToken(fixture, { claims: { scope: "reports:read more app" } });
		expect((await callWith(enough, `${fixture.origin}/api`)).status).toBe(200);
	});

	test("several providers: each token is its own issuer's, and the user says whose", async () => {
		const fixture = await startGate({
			providers: ["okta", "other"],
			gate: { bearer: { audience: AUDIENCE } },
			app: (_, user) => new Response(`${user?.provider} ${user?.issuer}`),
		});
		for (const [idp, name] of ["okta", "other"].entries()) {
			const answer = await callWith(accessToken(fixture, { idp }), `${fixture.origin}/api`);
			expect(await answer.text()).toBe(`${name} ${fixture.idps[idp]?.issuer}`);
		}
	});

	test("keys that cannot be had: nobody is let in, and trying again later makes sense", async () => {
		const fixture = await startGate({ gate: { bearer: { audience: AUDIENCE }, pages: { "/open": { auth: false } } } });
		fixture.idp.set({ jwks: "empty" });
		const answer = await callWith(accessToken(fixture), `${fixture.origin}/api`);
		expect(answer.status).toBe(503);
		expect(answer.headers.get("retry-after")).toBe("10");
		expect(await (await callWith(accessToken(fixture), `${fixture.origin}/open`)).text()).toContain("for nobody");
	});

	test("a program's token is passed on to nobody", async () => {
		const fixture = await startGate({
			gate: { bearer: { audience: AUDIENCE } },
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
		["a provider that there is not", { audience: "a", providers: ["okta"] }, /bearer.providers has "okta"/],
		["no providers at all", { audience: "a", providers: [] }, /bearer.providers is no list/],
		["scopes in one text", { audience: "a", scopes: ["a b"] }, /bearer.scopes is no list/],
		["an unknown option", { audience: "a", scope: "a" }, /bearer has no option "scope"/],
		["no object", "https://app.example", /bearer is not an object/],
	])("refused at start: %s", async ([, bearer, message]) => {
		await expect(startGate({ gate: { bearer } as GateOptions<Person> })).rejects.toThrow(message);
	});
});
