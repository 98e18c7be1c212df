import { expect, it } from "vitest";
import { writeSessionHeaders } from "./write-headers.ts";

const written = (
	init: Record<string, string>,
	cookies: Parameters<typeof writeSessionHeaders>[1] = [],
) => {
	const headers = new Headers(init);
	writeSessionHeaders(headers, cookies);
	return headers;
};
const cookie = { name: "__Host-x", value: "1", sameSite: "Strict", maxAge: 1 } as const;

it("makes an answer private, whatever it said before", () => {
	for (const before of [
		"public, max-age=600",
		"max-age=600",
		"s-maxage=1",
		"no-cache",
		"x-private",
		"",
	]) {
		expect(written({ "Cache-Control": before }).get("cache-control")).toBe("private, no-store");
	}
	expect(written({}).get("cache-control")).toBe("private, no-store");
});

it("leaves an answer that is private already, unless a cookie is set", () => {
	expect(written({ "Cache-Control": "private, max-age=5" }).get("cache-control")).toBe(
		"private, max-age=5",
	);
	expect(written({ "Cache-Control": "private, max-age=5" }, [cookie]).get("cache-control")).toBe(
		"private, no-store",
	);
});

it("adds to Vary instead of replacing it", () => {
	expect(written({}).get("vary")).toBe("Cookie");
	expect(written({ Vary: "Accept" }).get("vary")).toBe("Accept, Cookie");
	expect(written({ Vary: "accept, cookie" }).get("vary")).toBe("accept, cookie");
	expect(written({ Vary: "X-Cookie" }).get("vary")).toBe("X-Cookie, Cookie");
	expect(written({ Vary: "*" }).get("vary")).toBe("*");
});

it("sets cookies one by one", () => {
	expect(
		written({ "Set-Cookie": "theirs=1" }, [cookie, { ...cookie, name: "__Host-y" }]).getSetCookie(),
	).toHaveLength(3);
});
