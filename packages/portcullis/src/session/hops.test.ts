import { expect, it } from "vitest";
import type { SetCookie } from "./cookies.ts";
import { addHop, clearHops, countHops, HOPS_COOKIE } from "./hops.ts";

const jarOf = (cookie: SetCookie | undefined) =>
	new Map(cookie && cookie.maxAge > 0 ? [[cookie.name, cookie.value]] : []);

it("counts each page by itself, so that many tabs at once are no loop", () => {
	let jar = new Map<string, string>();
	for (let tab = 0; tab < 10; tab++) jar = jarOf(addHop(jar, `/page/${tab}`));
	for (let tab = 0; tab < 10; tab++) expect(countHops(jar, `/page/${tab}`)).toBe(1);
	jar = jarOf(addHop(addTwice(jar), "/page/3"));
	expect(countHops(jar, "/page/3")).toBe(2);
});

function addTwice(jar: Map<string, string>): Map<string, string> {
	return jarOf(addHop(jar, "/other"));
}

it("forgets a page that was reached, and the cookie with the last one", () => {
	const one = jarOf(addHop(new Map(), "/a"));
	const two = jarOf(addHop(one, "/b"));
	const rest = clearHops(two, "/a");
	expect(countHops(jarOf(rest), "/a")).toBe(0);
	expect(countHops(jarOf(rest), "/b")).toBe(1);
	expect(clearHops(jarOf(rest), "/b")).toMatchObject({ maxAge: 0 });
	expect(clearHops(new Map(), "/a")).toBeUndefined();
});

it("stays small and believes nothing odd", () => {
	let jar = new Map<string, string>();
	for (let i = 0; i < 500; i++) jar = jarOf(addHop(jar, `/${i}`));
	expect(jar.get(HOPS_COOKIE)?.length).toBeLessThan(150);
	for (const value of [
		"",
		".",
		"a-0",
		"a-10",
		"-1",
		"a--1",
		"x".repeat(9999),
		"%00-1",
		"toString-1",
	]) {
		expect(countHops(new Map([[HOPS_COOKIE, value]]), "/a")).toBe(0);
	}
});

it("believes no more entries and no higher counts than it writes", () => {
	const [, key = ""] = /^(\w+)-1$/.exec(addHop(new Map(), "/a").value) ?? [];
	const others = Array.from({ length: 12 }, (_, i) => `other${i}-1`.slice(-9));
	expect(countHops(new Map([[HOPS_COOKIE, `${key}-1`]]), "/a")).toBe(1);
	for (const value of [
		`${key}-10`,
		`${key}-99`,
		`${key}-0`,
		`x${key}-1`,
		[...others, `${key}-1`].join("."),
	])
		expect([value, countHops(new Map([[HOPS_COOKIE, value]]), "/a")]).toEqual([value, 0]);
});
