import { describe, expect, it } from "vitest";
import { joinChunks, MAX_COOKIE_BYTES, namesOf, splitIntoChunks } from "./chunks.ts";
import { deleteCookie, parseCookies, serializeCookie } from "./cookies.ts";

const requestCookies = (header: string) => parseCookies(header);

describe("parseCookies", () => {
	it("keeps host cookies by exact name and leaves the rest", () => {
		expect([...requestCookies("a=1; __Host-x=2;__Host-y=3=4;  __host-z=5; __Host-")]).toEqual([
			["__Host-x", "2"],
			["__Host-y", "3=4"],
		]);
	});

	it("believes neither of two values", () => {
		expect(requestCookies("__Host-x=1; __Host-x=2; __Host-y=3").has("__Host-x")).toBe(false);
		expect(requestCookies("__Host-x=1; __Host-x=1; __Host-x=1").has("__Host-x")).toBe(false);
	});

	it("takes an absurd header for none", () => {
		expect(requestCookies(`__Host-x=${"a".repeat(70_000)}`).size).toBe(0);
		expect(parseCookies(null).size).toBe(0);
	});
});

it("deletes with the attributes it sets with", () => {
	const attributes = (line: string) =>
		line
			.split("; ")
			.slice(1)
			.filter((part) => !part.startsWith("Max-Age"));
	const set = serializeCookie({ name: "__Host-x", value: "1", sameSite: "Strict", maxAge: 5 });
	expect(attributes(set)).toEqual(["Path=/", "Secure", "HttpOnly", "SameSite=Strict"]);
	expect(attributes(serializeCookie(deleteCookie("__Host-x", "Strict")))).toEqual(attributes(set));
});

describe("chunks", () => {
	const split = (length: number) => splitIntoChunks("__Host-n", "v".repeat(length));
	const asJar = (cookies: readonly { name: string; value: string }[]) =>
		new Map(cookies.map(({ name, value }) => [name, value]));

	it.each([0, 1, 4087, 4088, 8000, 16_000])(
		"puts a value of %i bytes together again, each cookie within the limit",
		(length) => {
			const cookies = split(length) ?? [];
			for (const { name, value } of cookies)
				expect(name.length + 1 + value.length).toBeLessThanOrEqual(MAX_COOKIE_BYTES);
			expect(joinChunks(asJar(cookies), "__Host-n")).toBe("v".repeat(length));
		},
	);

	it("refuses what needs a fifth chunk", () => {
		expect(split(17_000)).toBeUndefined();
	});

	it.each([
		["a gap", { "__Host-n.0": "a", "__Host-n.2": "c" }],
		["no first chunk", { "__Host-n.1": "b", "__Host-n.2": "c" }],
		["a single chunk", { "__Host-n.0": "a" }],
		[
			"a fifth chunk",
			{
				"__Host-n.0": "a",
				"__Host-n.1": "b",
				"__Host-n.2": "c",
				"__Host-n.3": "d",
				"__Host-n.4": "e",
			},
		],
		["an absurd number", { "__Host-n.0": "a", "__Host-n.1": "b", "__Host-n.99999999": "c" }],
		["another spelling of a number", { "__Host-n.00": "a", "__Host-n.1": "b" }],
		["whole and chunks at once", { "__Host-n": "a", "__Host-n.0": "a", "__Host-n.1": "b" }],
	])("takes %s for no value", (_, cookies) => {
		expect(joinChunks(new Map(Object.entries(cookies)), "__Host-n")).toBeUndefined();
	});

	it("knows every cookie that belongs to a name, and no other", () => {
		const mixed = new Map(
			["__Host-n", "__Host-n.7", "__Host-nn", "__Host-m.0"].map((name) => [name, "x"]),
		);
		expect(namesOf(mixed, "__Host-n")).toEqual(["__Host-n", "__Host-n.7"]);
	});
});
