import { expect, it } from "vitest";
import type { SetCookie } from "./cookies.ts";
import {
	addRedirect,
	clearRedirects,
	countRedirects,
	REDIRECT_COUNT_COOKIE,
} from "./redirect-count.ts";

const requestCookiesOf = (cookie: SetCookie | undefined) =>
	new Map(cookie && cookie.maxAge > 0 ? [[cookie.name, cookie.value]] : []);

it("counts each page by itself, so that many tabs at once are no loop", () => {
	let requestCookies = new Map<string, string>();
	for (let tab = 0; tab < 10; tab++)
		requestCookies = requestCookiesOf(addRedirect(requestCookies, `/page/${tab}`));
	for (let tab = 0; tab < 10; tab++) expect(countRedirects(requestCookies, `/page/${tab}`)).toBe(1);
	requestCookies = requestCookiesOf(addRedirect(addTwice(requestCookies), "/page/3"));
	expect(countRedirects(requestCookies, "/page/3")).toBe(2);
});

function addTwice(requestCookies: Map<string, string>): Map<string, string> {
	return requestCookiesOf(addRedirect(requestCookies, "/other"));
}

it("forgets a page that was reached, and the cookie with the last one", () => {
	const one = requestCookiesOf(addRedirect(new Map(), "/a"));
	const two = requestCookiesOf(addRedirect(one, "/b"));
	const rest = clearRedirects(two, "/a");
	expect(countRedirects(requestCookiesOf(rest), "/a")).toBe(0);
	expect(countRedirects(requestCookiesOf(rest), "/b")).toBe(1);
	expect(clearRedirects(requestCookiesOf(rest), "/b")).toMatchObject({ maxAge: 0 });
	expect(clearRedirects(new Map(), "/a")).toBeUndefined();
});

it("stays small and believes nothing odd", () => {
	let requestCookies = new Map<string, string>();
	for (let i = 0; i < 500; i++)
		requestCookies = requestCookiesOf(addRedirect(requestCookies, `/${i}`));
	expect(requestCookies.get(REDIRECT_COUNT_COOKIE)?.length).toBeLessThan(150);
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
		expect(countRedirects(new Map([[REDIRECT_COUNT_COOKIE, value]]), "/a")).toBe(0);
	}
});

it("believes no more entries and no higher counts than it writes", () => {
	const [, key = ""] = /^(\w+)-1$/.exec(addRedirect(new Map(), "/a").value) ?? [];
	const others = Array.from({ length: 12 }, (_, i) => `other${i}-1`.slice(-9));
	expect(countRedirects(new Map([[REDIRECT_COUNT_COOKIE, `${key}-1`]]), "/a")).toBe(1);
	for (const value of [
		`${key}-10`,
		`${key}-99`,
		`${key}-0`,
		`x${key}-1`,
		[...others, `${key}-1`].join("."),
	])
		expect([value, countRedirects(new Map([[REDIRECT_COUNT_COOKIE, value]]), "/a")]).toEqual([
			value,
			0,
		]);
});
