import { beforeAll, describe, expect, it } from "vitest";
import { createBoundedFetch } from "./http.ts";
import { createSigningKey, FakeIdp, ISSUER, refusalOf, type SigningKey } from "./idp.fixture.ts";
import { KeySet } from "./jwks.ts";

let one: SigningKey;
let two: SigningKey;
let three: SigningKey;

beforeAll(async () => {
	[one, two, three] = await Promise.all([
		createSigningKey("ES256", "one"),
		createSigningKey("ES256", "two"),
		createSigningKey("ES256", "three"),
	]);
});

function setUp(...keys: SigningKey[]) {
	const idp = new FakeIdp(keys);
	const now = () => idp.seconds * 1000;
	const fetch = createBoundedFetch({
		fetch: idp.fetch,
		issuer: new URL(ISSUER),
		timeout: 1,
		provider: "okta",
	});
	const set = new KeySet({ uri: async () => `${ISSUER}/jwks`, fetch, now, provider: "okta" });
	const find = async (kid: string | undefined, alg = "ES256") =>
		(await set.find({ alg, kid })).keys.length;
	return { idp, set, find };
}

describe("choice of the key", () => {
	it("takes the one with the kid", async () => {
		const { find } = setUp(one, two);
		expect(await find("two")).toBe(1);
	});

	it("takes a key without kid only if nothing else fits", async () => {
		expect(await setUp(one).find(undefined)).toBe(1);
		expect(await setUp(one, two).find(undefined)).toBe(0);
		expect(await setUp(one, await createSigningKey("ES384", "other")).find(undefined)).toBe(1);
	});

	it.each([
		["use", { use: "enc" }],
		["key_ops", { key_ops: ["sign"] }],
		["alg", { alg: "ES512" }],
		["crv", { crv: "P-384" }],
		["kty", { kty: "oct", k: "c2VjcmV0" }],
		["a missing coordinate", { y: undefined }],
		["a broken coordinate", { x: "AAAA" }],
	])("passes over a key that does not fit by %s", async (_, changes) => {
		const bad = { ...one, publicJwk: { ...one.publicJwk, ...changes } } as SigningKey;
		expect(await setUp(bad, two).find("one")).toBe(0);
	});

	it("knows both names of Ed25519", async () => {
		const key = await createSigningKey("Ed25519", "ed");
		const { find } = setUp(key);
		expect([
			await find("ed", "EdDSA"),
			await find("ed", "Ed25519"),
			await find("ed", "ES256"),
		]).toEqual([1, 1, 0]);
	});

	it("looks at 100 keys at most", async () => {
		const { idp, find } = setUp();
		const keys = Array.from({ length: 101 }, (_, i) => ({ ...one.publicJwk, kid: `k${i}` }));
		idp.overrides["/jwks"] = () => Response.json({ keys });
		expect([await find("k99"), await find("k100")]).toEqual([1, 0]);
	});

	it("tries a signature with four keys of one kid at most", async () => {
		const { idp, find } = setUp();
		idp.overrides["/jwks"] = () => Response.json({ keys: Array(50).fill(one.publicJwk) });
		expect(await find("one")).toBe(4);
		expect(await find(undefined)).toBe(0);
	});

	it("passes over RSA keys below 2048 bits", async () => {
		const weak = await crypto.subtle.generateKey(
			{
				name: "RSASSA-PKCS1-v1_5",
				hash: "SHA-256",
				modulusLength: 1024,
				publicExponent: new Uint8Array([1, 0, 1]),
			},
			true,
			["sign", "verify"],
		);
		const publicJwk = await crypto.subtle.exportKey("jwk", weak.publicKey);
		const { idp, find } = setUp();
		idp.overrides["/jwks"] = () =>
			Response.json({ keys: [{ kty: "RSA", n: publicJwk.n, e: publicJwk.e, kid: "weak" }] });
		expect(await find("weak", "RS256")).toBe(0);
	});
});

describe("fetching", () => {
	it("fetches once for 1,000 concurrent first callers", async () => {
		const { idp, find } = setUp(one);
		const found = await Promise.all(Array.from({ length: 1000 }, () => find("one")));
		expect(found.every((count) => count === 1)).toBe(true);
		expect(idp.count("/jwks")).toBe(1);
	});

	it("finds a rotated key at once", async () => {
		const { idp, find } = setUp(one);
		await find("one");
		idp.keys = [two];
		expect(await find("two")).toBe(1);
		expect(idp.count("/jwks")).toBe(2);
	});

	it("survives two rotations within ten seconds", async () => {
		const { idp, find } = setUp(one);
		await find("one");
		idp.seconds += 1;
		idp.keys = [two, one];
		expect(await find("two")).toBe(1);
		idp.seconds += 1;
		idp.keys = [three, two];
		expect(await find("three")).toBe(1);
	});

	it("asks again where the fetch under way began before the key came into being", async () => {
		const { idp, find } = setUp(one);
		await find("one");
		let answer: (response: Response) => void = () => {};
		idp.overrides["/jwks"] = () =>
			new Promise((resolve) => {
				answer = resolve;
			});
		const early = find("nobody");
		await new Promise((resolve) => setTimeout(resolve, 5));
		idp.keys = [two];
		const late = find("two");
		await new Promise((resolve) => setTimeout(resolve, 5));
		idp.overrides = {};
		answer(Response.json({ keys: [one.publicJwk] }));
		expect([await early, await late]).toEqual([0, 1]);
		expect(idp.count("/jwks")).toBe(3);
	});

	it("answers 10,000 unknown kids with at most three refetches, then one per five seconds", async () => {
		const { idp, find } = setUp(one);
		await find("one");
		await Promise.all(Array.from({ length: 10_000 }, (_, i) => find(`forged-${i}`)));
		for (let i = 0; i < 50; i++) await find(`more-${i}`);
		expect(idp.count("/jwks")).toBe(4);
		expect(await find("one")).toBe(1);
		for (let second = 0; second < 20; second++) {
			idp.seconds += 1;
			for (let i = 0; i < 20; i++) await find(`${second}-${i}`);
		}
		expect(idp.count("/jwks")).toBe(8);
	});

	it("does not spend the budget twice on one unknown kid within two seconds", async () => {
		const { idp, find } = setUp(one);
		await find("one");
		for (let i = 0; i < 10; i++) await find("nobody");
		expect(idp.count("/jwks")).toBe(2);
		idp.seconds += 2;
		await find("nobody");
		expect(idp.count("/jwks")).toBe(3);
	});

	it("fetches again after ten minutes in use, so that a withdrawn key goes", async () => {
		const { idp, find } = setUp(one, two);
		await find("one");
		idp.keys = [two];
		idp.seconds += 599;
		expect(await find("one")).toBe(1);
		idp.seconds += 1;
		expect(await find("one")).toBe(0);
	});

	it.each([
		["down", () => Promise.reject(new TypeError("fetch failed"))],
		["answering 503", () => new Response("", { status: 503 })],
		["answering rubbish", () => new Response("<html>")],
		["answering an empty set", () => Response.json({ keys: [] })],
	])("serves the old set while the provider is %s", async (_, answer) => {
		const { idp, find } = setUp(one);
		await find("one");
		idp.overrides["/jwks"] = answer;
		idp.seconds += 3600;
		expect(await find("one")).toBe(1);
	});

	it("says that the provider is down, not that the token is bad, where a new kid could not be looked up", async () => {
		const { idp, set } = setUp(one);
		await set.find({ alg: "ES256", kid: "one" });
		idp.overrides["/jwks"] = () => new Response("", { status: 503 });
		expect(await refusalOf(set.find({ alg: "ES256", kid: "two" }))).toEqual({
			code: "provider_unreachable",
			reason: "status_503",
		});
	});

	it("repeats a failed first fetch for two seconds, then recovers", async () => {
		const { idp, set, find } = setUp(one);
		idp.overrides["/jwks"] = () => new Response("", { status: 503 });
		const request = { alg: "ES256", kid: "one" };
		for (let i = 0; i < 5; i++)
			expect(await refusalOf(set.find(request))).toMatchObject({ code: "provider_unreachable" });
		expect(idp.count("/jwks")).toBe(1);
		idp.overrides = {};
		idp.seconds += 2;
		expect(await find("one")).toBe(1);
	});

	it("refuses a set of more than 256 KiB", async () => {
		const { idp, set } = setUp(one);
		idp.overrides["/jwks"] = () =>
			Response.json({ keys: [one.publicJwk], padding: "x".repeat(256 * 1024) });
		expect(await refusalOf(set.find({ alg: "ES256", kid: "one" }))).toEqual({
			code: "provider_misconfigured",
			reason: "too_large",
		});
	});

	it("does not let a clock that was set back stop refetches", async () => {
		const { idp, find } = setUp(one);
		await find("one");
		idp.seconds -= 86_400;
		idp.keys = [two];
		expect(await find("two")).toBe(1);
	});
});
