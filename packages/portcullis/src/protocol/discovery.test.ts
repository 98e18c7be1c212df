import { describe, expect, it } from "vitest";
import { Discovery, wellKnownUrl } from "./discovery.ts";
import { createBoundedFetch } from "./http.ts";
import { FakeIdp, ISSUER, refusalOf } from "./idp.fixture.ts";

const PATH = "/openid-configuration";

function setUp(issuer: string = ISSUER, otherIssuers: readonly string[] = []) {
	const idp = new FakeIdp([], issuer);
	const fetch = createBoundedFetch({
		fetch: idp.fetch,
		issuer: new URL(issuer),
		timeout: 0.05,
		provider: "okta",
	});
	const discovery = new Discovery({
		issuer,
		otherIssuers: () => otherIssuers,
		fetch,
		now: () => idp.seconds * 1000,
		provider: "okta",
	});
	return { idp, discovery };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 10));

describe("wellKnownUrl", () => {
	it.each([
		["https://a.example", "https://a.example/.well-known/openid-configuration"],
		["https://a.example/", "https://a.example/.well-known/openid-configuration"],
		["https://a.example/realms/x", "https://a.example/realms/x/.well-known/openid-configuration"],
		["https://a.example/realms/x/", "https://a.example/realms/x/.well-known/openid-configuration"],
		["https://a.example/x//", "https://a.example/x//.well-known/openid-configuration"],
	])("appends to %s", (issuer, url) => {
		expect(wellKnownUrl(issuer)).toBe(url);
	});
});

describe("caching", () => {
	it("folds 100 concurrent callers into one request", async () => {
		const { idp, discovery } = setUp();
		const all = await Promise.all(Array.from({ length: 100 }, () => discovery.metadata()));
		expect(new Set(all).size).toBe(1);
		expect(idp.count(PATH)).toBe(1);
	});

	it("asks once an hour, in the background, while the old answer serves", async () => {
		const { idp, discovery } = setUp();
		await discovery.metadata();
		idp.seconds += 3599;
		await discovery.metadata();
		expect(idp.count(PATH)).toBe(1);
		idp.seconds += 1;
		idp.metadata.token_endpoint = `${ISSUER}/new/token`;
		expect((await discovery.metadata()).tokenEndpoint).toBe(`${ISSUER}/token`);
		await settle();
		expect((await discovery.metadata()).tokenEndpoint).toBe(`${ISSUER}/new/token`);
		expect(idp.count(PATH)).toBe(2);
	});

	it("serves the old answer through an outage, with one attempt in two seconds", async () => {
		const { idp, discovery } = setUp();
		const before = await discovery.metadata();
		idp.overrides[PATH] = () => Promise.reject(new TypeError("fetch failed"));
		idp.seconds += 4000;
		for (let i = 0; i < 10; i++) {
			expect(await discovery.metadata()).toBe(before);
			await settle();
		}
		expect(idp.count(PATH)).toBe(2);
	});

	it("fails within the time-out while the provider hangs, repeats the failure for two seconds, then recovers", async () => {
		const { idp, discovery } = setUp();
		idp.overrides[PATH] = () => new Promise(() => {});
		const down = { code: "provider_unreachable", reason: "timeout" };
		const from = performance.now();
		expect(await refusalOf(discovery.metadata())).toEqual(down);
		expect(performance.now() - from).toBeLessThan(1000);
		idp.overrides = {};
		expect(await refusalOf(discovery.metadata())).toEqual(down);
		expect(idp.count(PATH)).toBe(1);
		idp.seconds += 2;
		expect((await discovery.metadata()).issuer).toBe(ISSUER);
	});
});

describe("issuer", () => {
	it.each([
		["https://idp.example.com", "https://idp.example.com/"],
		["https://idp.example.com/", "https://idp.example.com"],
		["https://idp.example.com", "https://IDP.example.com"],
		["https://idp.example.com", "https://idp.example.com:443"],
		["https://idp.example.com/a", "https://idp.example.com/A"],
		["https://idp.example.com", "https://evil.example"],
		["https://idp.example.com", undefined],
		["https://idp.example.com", ["https://idp.example.com"]],
	])("refuses for %s a document that names %s", async (issuer, named) => {
		const { idp, discovery } = setUp(issuer);
		idp.metadata.issuer = named;
		expect(await refusalOf(discovery.metadata())).toEqual({
			code: "issuer_mismatch",
			reason: "discovery",
		});
	});

	it.each([
		"https://idp.example.com/",
		"https://idp.example.com/realms/x",
		"https://idp.example.com/realms/x/",
	])("accepts %s for itself", async (issuer) => {
		expect((await setUp(issuer).discovery.metadata()).issuer).toBe(issuer);
	});

	it("accepts another issuer only where it is listed", async () => {
		const { idp, discovery } = setUp("https://idp.example.com/common", [
			"https://idp.example.com/{tenantid}",
		]);
		idp.metadata.issuer = "https://idp.example.com/{tenantid}";
		expect((await discovery.metadata()).issuer).toBe("https://idp.example.com/{tenantid}");
	});
});

describe("refusals", () => {
	const endpoints = [
		"authorization_endpoint",
		"token_endpoint",
		"jwks_uri",
		"userinfo_endpoint",
		"end_session_endpoint",
	];
	const required = endpoints.slice(0, 3);

	async function refusalWith(changes: Record<string, unknown>) {
		const { idp, discovery } = setUp();
		Object.assign(idp.metadata, changes);
		return refusalOf(discovery.metadata());
	}

	it.each(endpoints)("refuses %s downgraded to http", async (member) => {
		expect(await refusalWith({ [member]: "http://idp.example.com/x" })).toEqual({
			code: "provider_misconfigured",
			reason: "insecure_url",
		});
	});

	it.each(endpoints)("refuses %s at a metadata service", async (member) => {
		expect(await refusalWith({ [member]: "https://169.254.169.254/x" })).toEqual({
			code: "provider_misconfigured",
			reason: "private_address",
		});
	});

	it.each(endpoints)("refuses %s that is no absolute URL", async (member) => {
		for (const value of [
			"/token",
			"",
			7,
			{},
			["https://idp.example.com/x"],
			"https://idp.example.com/x#y",
		]) {
			expect(await refusalWith({ [member]: value })).toEqual({
				code: "provider_misconfigured",
				reason: member,
			});
		}
	});

	it.each(required)("refuses a document without %s", async (member) => {
		expect(await refusalWith({ [member]: undefined })).toEqual({
			code: "provider_misconfigured",
			reason: member,
		});
	});

	it.each([
		["code_challenge_methods_supported", ["plain"]],
		["code_challenge_methods_supported", []],
		["code_challenge_methods_supported", "S256"],
		["response_types_supported", ["id_token", "code id_token"]],
		["id_token_signing_alg_values_supported", "RS256"],
		["token_endpoint_auth_methods_supported", [1]],
	])("refuses %s = %j", async (member, value) => {
		expect(await refusalWith({ [member]: value })).toEqual({
			code: "provider_misconfigured",
			reason: member,
		});
	});

	it.each([
		"code_challenge_methods_supported",
		"response_types_supported",
		"token_endpoint_auth_methods_supported",
	])("does without %s", async (member) => {
		const { idp, discovery } = setUp();
		delete idp.metadata[member];
		expect((await discovery.metadata()).issuer).toBe(ISSUER);
	});

	it("refuses a document of more than 256 KiB", async () => {
		expect(await refusalWith({ padding: "x".repeat(256 * 1024) })).toEqual({
			code: "provider_misconfigured",
			reason: "too_large",
		});
	});

	it.each(["<html>", "null", "[]", '"text"', "{"])("refuses the body %s", async (body) => {
		const { idp, discovery } = setUp();
		idp.overrides[PATH] = () => new Response(body);
		expect(await refusalOf(discovery.metadata())).toEqual({
			code: "provider_misconfigured",
			reason: "format",
		});
	});

	it("refuses status 404 and names it", async () => {
		const { idp, discovery } = setUp();
		idp.overrides[PATH] = () => new Response("", { status: 404 });
		expect(await refusalOf(discovery.metadata())).toEqual({
			code: "provider_misconfigured",
			reason: "status_404",
		});
	});
});
