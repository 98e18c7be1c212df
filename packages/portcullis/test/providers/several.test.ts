import { describe, expect, it } from "vitest";
import { Azure, ConfigError, GitLab, Okta, Provider, portcullis } from "../../src/index.ts";
import { type GateFixture, sessionCookies, startGate, startHref } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

const start = (options: Parameters<typeof startGate>[0] = {}) =>
	startGate({
		...options,
		providers: ["one", "two"],
		app: (_, user) => new Response(user ? `${user.provider} ${user.sub}` : "nobody"),
	});

const idpOf = ({ idps }: GateFixture, name: string) => {
	const idp = idps[name === "one" ? 0 : 1];
	if (idp === undefined) throw new Error(`No identity provider for ${name}`);
	return idp;
};

/** Goes as far as the provider's answer: the URL of the callback. */
async function callbackUrl(
	fixture: GateFixture,
	browser: ScriptedBrowser,
	provider: string,
): Promise<URL> {
	const login = await browser.navigate(`${fixture.origin}/login?redirect_to=/private`);
	const begun = await browser.click(startHref(login, provider), { follow: false });
	const answer = await browser.click(begun.headers.get("location") ?? "", { follow: false });
	return new URL(answer.headers.get("location") ?? "", fixture.origin);
}

describe("one person at a time", () => {
	it("signing in with a second provider replaces the first, in either direction", async () => {
		const fixture = await start();
		idpOf(fixture, "two").person = { sub: "grace" };
		const browser = new ScriptedBrowser();
		for (const [provider, sub] of [
			["one", "ada"],
			["two", "grace"],
			["one", "ada"],
		] as const) {
			const login = await browser.navigate(`${fixture.origin}/login?redirect_to=/private`);
			expect((await browser.click(startHref(login, provider))).body).toBe(`${provider} ${sub}`);
			expect(sessionCookies(browser).every((name) => name.startsWith(`__Host-${provider}-`))).toBe(
				true,
			);
		}
	});

	it("a logout goes to the provider that holds the tokens, and to no other", async () => {
		const fixture = await start();
		for (const [provider, other] of [
			["one", "two"],
			["two", "one"],
		] as const) {
			const browser = new ScriptedBrowser();
			await fixture.signIn(browser, { provider });
			await browser.submit(await browser.click("/logout"));
			expect(sessionCookies(browser)).toEqual([]);
			for (const endpoint of ["end-session", "revoke"] as const) {
				expect(idpOf(fixture, provider).count(endpoint)).toBe(1);
				expect(idpOf(fixture, other).count(endpoint)).toBe(0);
			}
			for (const idp of fixture.idps) idp.requests.length = 0;
		}
	});

	it("a session is renewed at the provider that it comes from", async () => {
		const fixture = await start({ auth: { extraScopes: ["offline_access"] } });
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser, { provider: "two" });
		fixture.clock.ahead += 3590;
		const { status } = await browser.send(`${fixture.origin}/_portcullis/refresh`, {
			method: "POST",
			initiator: fixture.origin,
			crossSite: false,
			headers: { "portcullis-request": "1", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
		});
		expect([
			status,
			idpOf(fixture, "one").count("token"),
			idpOf(fixture, "two").count("token"),
		]).toEqual([200, 0, 2]);
	});
});

describe("a callback for each", () => {
	it("is what the redirect URI names", async () => {
		const fixture = await start();
		expect((await callbackUrl(fixture, new ScriptedBrowser(), "two")).pathname).toBe(
			"/callback/two",
		);
	});

	it("needs no iss", async () => {
		const fixture = await start();
		for (const idp of fixture.idps) idp.set({ issParameter: false });
		expect((await fixture.signIn(new ScriptedBrowser(), { provider: "two" })).body).toBe("two ada");
	});
});

describe("one callback for all (R5)", () => {
	const auth = { session: { sharedCallback: true } };

	it("finds the provider of an attempt by its state", async () => {
		const fixture = await start({ auth });
		for (const provider of ["one", "two"]) {
			const browser = new ScriptedBrowser();
			const url = await callbackUrl(fixture, browser, provider);
			expect(url.pathname).toBe("/callback");
			expect((await browser.navigate(url.href, { from: fixture.idp.issuer })).body).toBe(
				`${provider} ada`,
			);
		}
	});

	it("is refused to a provider that does not name itself, before anybody is sent there", async () => {
		const fixture = await start({ auth });
		idpOf(fixture, "two").set({ issParameter: false });
		const browser = new ScriptedBrowser();
		const page = await fixture.signIn(browser, { provider: "two" });
		expect(page.status).toBe(502);
		expect(fixture.log).toMatchObject([
			{
				code: "provider_misconfigured",
				reason: "authorization_response_iss_parameter_supported",
				provider: "two",
			},
		]);
		expect(idpOf(fixture, "two").count("authorize")).toBe(0);
		expect((await fixture.signIn(new ScriptedBrowser(), { provider: "one" })).body).toBe("one ada");
	});

	/**
	 * The person thinks of `one` and signs in at `two`, whose answer lands in the attempt with `one`;
	 * or the other way round.
	 */
	async function mixUp(
		fixture: GateFixture,
		meant: string,
		real: string,
		bend: (params: URLSearchParams) => void,
	) {
		const browser = new ScriptedBrowser();
		const answer = await callbackUrl(fixture, browser, real);
		const attempt = await callbackUrl(fixture, browser, meant);
		answer.searchParams.set("state", attempt.searchParams.get("state") ?? "");
		bend(answer.searchParams);
		const page = await browser.navigate(answer.href, { from: fixture.idp.issuer });
		expect(page.status).toBe(400);
		expect(sessionCookies(browser)).toEqual([]);
		expect(fixture.idps.map((idp) => idp.count("token"))).toEqual([0, 0]);
		expect(fixture.log).toMatchObject([{ code: "issuer_mismatch" }]);
	}

	it.each([
		["one", "two"],
		["two", "one"],
	])("a mix-up of %s with %s reaches no token endpoint", async (meant, real) => {
		await mixUp(await start({ auth }), meant, real, () => {});
	});

	it("nor does one that does not say whose it is", async () => {
		await mixUp(await start({ auth }), "one", "two", (params) => params.delete("iss"));
	});

	it("takes no answer without iss, even if the metadata say by now that there is none", async () => {
		const fixture = await start({ auth });
		const idp = idpOf(fixture, "two");
		await fixture.signIn(new ScriptedBrowser(), { provider: "two" });
		const tokens = idp.count("token");
		// The metadata go stale while the attempt is good for some minutes more.
		fixture.clock.ahead += 3300;
		const browser = new ScriptedBrowser();
		const answer = await callbackUrl(fixture, browser, "two");
		answer.searchParams.delete("iss");
		idp.set({ issParameter: false });
		fixture.clock.ahead += 400;
		const begin = async () => {
			const other = new ScriptedBrowser();
			const login = await other.navigate(`${fixture.origin}/login`);
			return (await other.click(startHref(login, "two"), { follow: false })).status;
		};
		await expect.poll(begin).toBe(502);

		const page = await browser.navigate(answer.href, { from: fixture.idp.issuer });
		expect([page.status, idp.count("token"), sessionCookies(browser)]).toEqual([400, tokens, []]);
		expect(fixture.log.at(-1)).toMatchObject({ code: "issuer_mismatch", reason: "iss" });
	});
});

describe("set-up", () => {
	class One extends Provider {
		readonly name: string = "one";
	}
	class Two extends Provider {
		readonly name: string = "two";
	}
	const problems = (env: Record<string, string>) => {
		try {
			portcullis({ providers: [One, Two], platform: { env, log: () => {} } }).gate();
			return [];
		} catch (error) {
			if (!(error instanceof ConfigError)) throw error;
			return error.problems.map(({ problem, remedy }) => `${problem} -> ${remedy}`);
		}
	};
	const OWN = { ONE_ISSUER_URI: "https://one.example", TWO_ISSUER_URI: "https://two.example" };

	it("an issuer that OIDC_ISSUER_URI lends to two is a mistake that names both (R6)", () => {
		const found = problems({
			OIDC_ISSUER_URI: "https://id.example",
			ONE_CLIENT_ID: "a",
			TWO_CLIENT_ID: "b",
		});
		expect(found).toEqual([
			expect.stringMatching(/"one" and "two" share the issuer https:\/\/id.example.*_ISSUER_URI/),
		]);
	});

	it("a client id that OIDC_CLIENT_ID lends to two is a mistake that names both (R6)", () => {
		const found = problems({
			...OWN,
			OIDC_CLIENT_ID: "shared",
			OIDC_CLIENT_SECRET: "secret-0123456789",
		});
		expect(found).toEqual([
			expect.stringMatching(/"one" and "two" share the client id shared.*_CLIENT_ID/),
		]);
	});

	it("what each has of its own is no mistake", () => {
		const secrets = {
			ONE_CLIENT_SECRET: "secret-0123456789",
			TWO_CLIENT_SECRET: "secret-9876543210",
		};
		expect(problems({ ...OWN, ONE_CLIENT_ID: "a", TWO_CLIENT_ID: "b", ...secrets })).toEqual([]);
	});

	it("classes, instances, imports and names may be mixed, in order, and every bad one is reported by ready()", async () => {
		const env = {
			...OWN,
			ONE_CLIENT_ID: "a",
			ONE_CLIENT_SECRET: "secret-0123456789",
			TWO_CLIENT_ID: "b",
			OKTA_ISSUER_URI: "https://okta.example",
			OKTA_CLIENT_ID: "c",
			LATER_ISSUER_URI: "https://later.example",
			LATER_CLIENT_ID: "d",
		};
		class Later extends Provider {
			readonly name = "later";
		}
		const path = `${new URL("acme.fixture.ts", import.meta.url)}#Acme`;
		const acme = { ACME_ISSUER_URI: "https://acme.example", ACME_CLIENT_ID: "e" };
		const platform = { env: { ...env, ...acme }, log: () => {} };
		const gate = portcullis({
			providers: [async () => Later, One, path, new Two(), Okta],
			platform,
		}).gate();
		await gate.ready();
		const page = await (
			await gate.handle(new Request("http://localhost/login"), () => new Response())
		).text();
		const names = [...page.matchAll(/href="\/login\/(\w+)["?]/g)].map(([, name]) => name);
		expect(names).toEqual(["later", "one", "acme", "two", "okta"]);

		const bad = portcullis({
			providers: [
				async () => Later,
				One,
				"no-such-package#Missing",
				path,
				async () => Object as never,
			],
			platform: { env, log: () => {} },
		}).gate();
		const error = await bad.ready().catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(ConfigError);
		const message = (error as ConfigError).message;
		for (const part of [
			"providers[2]",
			"ACME_ISSUER_URI",
			"ACME_CLIENT_ID",
			"providers[4] is not a provider",
		])
			expect(message).toContain(part);
		expect(message).not.toContain("LATER");
	});

	it("a second one of a kind has a label of its own, and a label that was set is left alone", () => {
		class PartnerTenant extends Azure {
			override readonly name: string = "partner_tenant";
		}
		class OurGitLab extends GitLab {
			override readonly name: string = "our_git_lab";
		}
		const labels = [new Azure(), new PartnerTenant(), new Azure({ displayName: "Azure" })].map(
			(one) => one.displayName,
		);
		expect(labels).toEqual(["Microsoft", "Partner Tenant", "Azure"]);
		expect(
			[new GitLab(), new OurGitLab(), new GitLab({ displayName: "Gitlab" })].map(
				(one) => one.displayName,
			),
		).toEqual(["GitLab", "Our Git Lab", "Gitlab"]);
	});

	it("sharedCallback takes true and false", () => {
		const platform = {
			env: { OIDC_ISSUER_URI: "https://id.example", OIDC_CLIENT_ID: "a" },
			log: () => {},
		};
		expect(() =>
			portcullis({ platform, session: { sharedCallback: "yes" as never } }).gate(),
		).toThrow("sharedCallback is neither");
	});
});
