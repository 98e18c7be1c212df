import { describe, expect, it } from "vitest";
import { resolveSecrets, type SecretOwner } from "./secrets.ts";

const good = "k3J9vQ2mX7pL0sR5tW8yB1nC4dF6gH-a";
const other = "Zq8-wErT5yUi0OpA3sDf7gHjK2lXcVbN";
const client = "h7Kq2Vx9Tz4Lm6aaPw3R5uYc8Fs1Jb0D";
const second = "w8Yc3Ft6Jm1Pz9Vb4Xk7Rd2Ns5Hq0Lg8";
const production = { NODE_ENV: "production" };

const owner = (clientSecret: string | undefined, name = "generic"): SecretOwner => ({
	name,
	clientId: `${name}-client`,
	clientSecret,
});
const two = [owner(client, "okta"), owner(second)];

it("takes the option, then the variable, then the client secret", () => {
	const one = [owner(client)];
	expect(resolveSecrets([good], { PORTCULLIS_SECRET: other }, one)).toMatchObject({
		shared: [good],
	});
	expect(
		resolveSecrets(undefined, { PORTCULLIS_SECRET: ` ${other} ,${good},` }, one),
	).toMatchObject({
		ofProviders: [[other, good]],
		shared: [other, good],
	});
	expect(resolveSecrets(undefined, production, one)).toEqual({
		ofProviders: [[client]],
		shared: [client],
		warnings: [],
	});
});

describe("with several providers", () => {
	it("each has what none of the others knows, and what belongs to all has what none of them knows", () => {
		expect(resolveSecrets(undefined, { PORTCULLIS_SECRET: good }, two)).toMatchObject({
			ofProviders: [[good], [good]],
			shared: [good],
		});
		expect(resolveSecrets(`${second},${good},${client}`, production, two)).toMatchObject({
			ofProviders: [
				[good, client],
				[second, good],
			],
			shared: [good],
		});
	});

	it("production wants a secret that none of them knows, and says what to set", () => {
		const found = resolveSecrets(undefined, production, two);
		expect(found).toMatchObject({
			problems: [
				{
					problem: expect.stringMatching(/2 providers and no PORTCULLIS_SECRET/),
					remedy: expect.stringMatching(/Set PORTCULLIS_SECRET to .*: npx portcullis secret$/),
				},
			],
		});
		for (const secret of [client, second, good])
			expect(JSON.stringify(found)).not.toContain(secret);
		expect(
			resolveSecrets([`${second}`, ` ${second}`], production, [
				owner(client, "okta"),
				owner(second),
			]),
		).toHaveProperty("problems");
	});

	it("development derives each one's keys from its own, the same in every process, and says so of those it cannot", () => {
		const [first, again] = [1, 2].map(() => resolveSecrets(undefined, {}, two));
		expect(first).toEqual(again);
		expect(first).toMatchObject({ ofProviders: [[client], [second]], warnings: [] });
		for (const secret of [client, second]) expect(first).not.toMatchObject({ shared: [secret] });

		for (const mates of [
			[owner(client, "okta"), owner(undefined)],
			[owner(client, "okta"), owner("changemechangeme")],
			[owner(client, "okta"), owner(client)],
		]) {
			const found = resolveSecrets(undefined, {}, mates);
			if ("problems" in found) throw new Error("refused in development");
			expect(found.warnings.length).toBeGreaterThan(0);
			// What one of them knows is not enough for what belongs to all.
			expect(found.shared.join()).not.toContain(client);
			expect(found.ofProviders[1]?.join()).not.toMatch(client);
			expect(resolveSecrets(undefined, {}, mates)).not.toMatchObject({ shared: found.shared });
		}
	});
});

it.each([
	"short",
	"a".repeat(64),
	"abc".repeat(20),
	"0123456789".repeat(4),
	"changeme-changeme-changeme-changeme",
	"your-secret-goes-here-0123456789abcdef",
	"this-is-an-example-secret-0123456789",
])("refuses %s", (weak) => {
	expect(resolveSecrets(weak, {}, [])).toHaveProperty("problems");
});

it("reports each weak one, and none of their values", () => {
	const found = resolveSecrets(undefined, { PORTCULLIS_SECRET: `${good},weak-one,weak-two` }, []);
	expect("problems" in found && found.problems.map(({ problem }) => problem)).toEqual([
		"Cookie secret 2 of 3 is shorter than 32 characters",
		"Cookie secret 3 of 3 is shorter than 32 characters",
	]);
	expect(JSON.stringify(found)).not.toContain("weak-one");
});

describe("a client secret that keys come from", () => {
	it("is a mistake in production if it is weak, by the name of its variable, and never by its value", () => {
		const env = { ...production, OIDC_CLIENT_SECRET: "changemechangeme" };
		for (const [provider, variable] of [
			[owner("changemechangeme"), "OIDC_CLIENT_SECRET"],
			[owner("changemechangeme", "okta"), "OIDC_CLIENT_SECRET"],
		] as const) {
			const found = resolveSecrets(undefined, env, [provider]);
			expect(found).toMatchObject({
				problems: [
					{
						problem: expect.stringContaining(`${variable} is easy to guess`),
						remedy: expect.stringContaining("npx portcullis secret"),
					},
				],
			});
			expect(JSON.stringify(found)).not.toContain("changemechangeme");
		}
		expect(
			JSON.stringify(resolveSecrets(undefined, production, [owner("tooshort", "okta")])),
		).toContain("OKTA_CLIENT_SECRET is shorter than 16 characters");
		expect(
			resolveSecrets(undefined, production, [owner("generic-client-generic-client")]),
		).toHaveProperty("problems");
	});

	it("makes no key in development either if it is weak; a warning says so", () => {
		const found = resolveSecrets(undefined, {}, [owner("changemechangeme")]);
		expect(found).toMatchObject({
			warnings: [expect.stringContaining("OIDC_CLIENT_SECRET is easy to guess")],
		});
		expect(JSON.stringify(found)).not.toContain("changemechangeme");
	});

	it("may be weak where no key comes from it", () => {
		expect(resolveSecrets(good, production, [owner("changemechangeme")])).toMatchObject({
			shared: [good],
			warnings: [],
		});
	});

	it("of an identity provider for development is no news there, and a mistake in production", () => {
		const secret = "development-only-secret-do-not-use-in-production";
		expect(resolveSecrets(undefined, {}, [owner(secret)])).toMatchObject({
			shared: [secret],
			warnings: [],
		});
		expect(resolveSecrets(undefined, production, [owner(secret)])).toHaveProperty("problems");
	});
});

it("makes its own in development only", () => {
	const found = resolveSecrets(undefined, {}, [owner(undefined)]);
	expect(found).toMatchObject({
		warnings: [expect.stringContaining("lasts until this process ends")],
	});
	expect(resolveSecrets(undefined, {}, [owner(undefined)])).not.toMatchObject({
		shared: "shared" in found && found.shared,
	});
	expect(resolveSecrets(undefined, production, [owner(undefined)])).toHaveProperty("problems");
});
