import { describe, expect, it } from "vitest";
import { inGroup, not } from "../../src/checks.ts";
import { Generic } from "../../src/index.ts";
import type { LoginTransaction, RequestParameters } from "../../src/provider.ts";
import { type ProviderShape, startShape } from "./shape.ts";

// What real servers do, whichever provider it is.

const shape: ProviderShape = {
	provider: () => Generic,
	prefix: "OIDC",
	name: "generic",
	env: { OIDC_ISSUER_URI: "https://id.example.com/tenants/north" },
	issuer: "https://id.example.com/tenants/north",
	endpoints: {
		authorization_endpoint: "https://id.example.com/tenants/north/authorize",
		token_endpoint: "https://id.example.com/tenants/north/token",
		jwks_uri: "https://id.example.com/tenants/north/jwks",
		userinfo_endpoint: "https://id.example.com/tenants/north/userinfo",
		end_session_endpoint: "https://id.example.com/tenants/north/logout",
		revocation_endpoint: undefined,
	},
	scopes: ["openid", "profile", "email", "groups", "offline_access"],
	sendsIssuer: false,
	person: { sub: "ada", email: "ada@example.com" },
};

describe("groups", () => {
	const pages = {
		"/staff": { auth: inGroup("staff") },
		"/not-banned": { auth: not(inGroup("banned")) },
	};
	it.each<[string, Partial<ProviderShape>, number[]]>([
		["in userinfo only", { person: { sub: "ada", groups: ["staff"] } }, [200, 200]],
		["in the ID token only", { claims: { groups: ["staff"] } }, [200, 200]],
		["a single one, as a text", { person: { sub: "ada", groups: "staff" } }, [200, 200]],
		[
			"a text that only contains it",
			{ person: { sub: "ada", groups: "staff admins" } },
			[403, 200],
		],
		["none at all", { claims: { groups: [] } }, [403, 200]],
		["unknown", {}, [403, 403]],
	])("%s, and the same after a renewal", async (_, changes, statuses) => {
		const fixture = await startShape(
			{ ...shape, ...changes },
			{ auth: { extraScopes: ["offline_access"] }, gate: { pages } },
		);
		const browser = fixture.browser();
		await fixture.signIn(browser);
		const ask = async () => {
			const seen: number[] = [];
			for (const path of Object.keys(pages))
				seen.push((await browser.navigate(fixture.origin + path)).status);
			return seen;
		};
		expect(await ask()).toEqual(statuses);
		fixture.pass(3590);
		expect(JSON.parse((await fixture.renew(browser)).body)).toMatchObject({ renewed: true });
		expect(await ask()).toEqual(statuses);
	});
});

describe("a callback", () => {
	it("may bring session_state and iss without having announced them", async () => {
		const callback = { session_state: "x.y", iss: shape.issuer, hint: "unknown" };
		const fixture = await startShape({ ...shape, callback });
		await fixture.signIn(fixture.browser());
		expect(fixture.user()?.sub).toBe("ada");
	});

	it.each([
		"https://id.example.com/tenants/north/",
		"https://id.example.com/tenants/south",
		"https://ID.example.com/tenants/north",
	])("with an uninvited iss of %s is refused before its code is spent (R5)", async (iss) => {
		const fixture = await startShape({ ...shape, callback: { iss } });
		await fixture.signIn(fixture.browser());
		expect(fixture.log).toMatchObject([{ code: "issuer_mismatch", reason: "iss" }]);
		expect(fixture.idp.count("token")).toBe(0);
	});
});

describe("an issuer is compared character by character (R14)", () => {
	const base = "https://id.example.com/tenants/north";
	it.each([
		[base, `${base}/`],
		[`${base}/`, base],
		[base, base.toUpperCase().replace("HTTPS", "https")],
		[base, base.replace("https://id.example.com", "https://id.example.com:443")],
		[base, "https://id.example.com/tenants"],
	])("configured %s, metadata %s: refused", async (configured, named) => {
		const fixture = await startShape({
			...shape,
			env: { OIDC_ISSUER_URI: configured },
			metadata: { issuer: named },
		});
		await fixture.signIn(fixture.browser());
		expect(fixture.user()).toBeUndefined();
		expect(fixture.log).toMatchObject([{ code: "issuer_mismatch", reason: "discovery" }]);
	});

	it("with a path and a slash at its end, and tokens that say the same: accepted", async () => {
		const fixture = await startShape({
			...shape,
			issuer: `${base}/`,
			env: { OIDC_ISSUER_URI: `${base}/` },
		});
		await fixture.signIn(fixture.browser());
		expect(fixture.user()?.issuer).toBe(`${base}/`);
	});
});

describe("offline_access that is granted only with prompt=consent", () => {
	const strict: ProviderShape = {
		...shape,
		issuesRefreshToken: (request) =>
			request.get("prompt") === "consent" &&
			request.get("scope")?.split(" ").includes("offline_access") === true,
	};
	class Consenting extends Generic {
		override async authorizationParameters(
			transaction: LoginTransaction,
		): Promise<RequestParameters> {
			return { ...(await super.authorizationParameters(transaction)), prompt: "consent" };
		}
	}

	it("gives a session that lasts as long as its access token, and no error", async () => {
		const fixture = await startShape(strict, { auth: { extraScopes: ["offline_access"] } });
		fixture.bend({ token: "scope-narrowed" });
		const browser = fixture.browser();
		await fixture.signIn(browser);
		expect(fixture.user()?.grantedScopes).toEqual(["openid"]);
		fixture.pass(3601);
		expect((await browser.navigate(`${fixture.origin}/private`)).url).toContain(
			"/login?redirect_to=%2Fprivate",
		);
		expect(fixture.log).toEqual([]);
	});

	it("is granted to a provider class that asks for consent", async () => {
		const fixture = await startShape(
			{ ...strict, provider: () => Consenting },
			{ auth: { extraScopes: ["offline_access"] } },
		);
		const browser = fixture.browser();
		await fixture.signIn(browser);
		fixture.pass(3590);
		expect(JSON.parse((await fixture.renew(browser)).body)).toMatchObject({ renewed: true });
	});
});

it("members of the token response that nobody knows survive login, renewal and another replica", async () => {
	const options = { auth: { extraScopes: ["offline_access"] } };
	const withMembers = {
		...shape,
		tokenResponse: { instance_url: "https://eu1.example.com", patient: { id: 42 } },
	};
	const [fixture, replica] = [
		await startShape(withMembers, options),
		await startShape(withMembers, options),
	];
	const browser = fixture.browser();
	await fixture.signIn(browser);
	const all = { instance_url: "https://eu1.example.com", patient: { id: 42 } };
	expect(await fixture.user()?.tokenExtra()).toEqual(all);
	fixture.bend({ tokenResponse: { instance_url: "https://eu2.example.com", patient: undefined } });
	fixture.pass(3590);
	await fixture.renew(browser);
	// It shares nothing with the first one but the secret.
	replica.pass(3590);
	expect((await browser.navigate(`${replica.origin}/private`)).status).toBe(200);
	expect(await replica.user()?.tokenExtra()).toEqual({
		...all,
		instance_url: "https://eu2.example.com",
	});
	expect(replica.idp.requests).toEqual([]);
});
