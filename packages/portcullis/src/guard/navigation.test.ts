import { expect, it } from "vitest";
import { requestOrigin } from "./navigation.ts";

const from = (headers: Record<string, string>, method = "GET") =>
	requestOrigin(method, (name) => headers[name] ?? null);

it("believes Fetch Metadata over everything else", () => {
	expect(from({ "sec-fetch-mode": "navigate", accept: "*/*" }).isNavigation).toBe(true);
	expect(from({ "sec-fetch-mode": "cors", accept: "text/html" }).isNavigation).toBe(false);
	expect(from({ "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }).isNavigation).toBe(false);
});

it("goes by Accept where there is none", () => {
	expect(from({ accept: "text/html,application/xhtml+xml" }).isNavigation).toBe(true);
	expect(from({ accept: "application/json" }).isNavigation).toBe(false);
	expect(from({}).isNavigation).toBe(false);
	expect(from({ accept: "text/html" }, "DELETE").isNavigation).toBe(false);
});

it("knows prefetches and frames", () => {
	for (const headers of [
		{ "sec-purpose": "prefetch" },
		{ "sec-purpose": "prefetch;prerender" },
		{ purpose: "prefetch" },
		{ "x-moz": "prefetch" },
		{ "x-purpose": "preview" },
	]) {
		expect(from({ "sec-fetch-mode": "navigate", ...headers }).isPrefetch).toBe(true);
	}
	expect(from({ "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" })).toMatchObject({
		isPrefetch: false,
		isFramed: false,
	});
	for (const destination of ["iframe", "frame", "embed", "object", "fencedframe"]) {
		expect(from({ "sec-fetch-mode": "navigate", "sec-fetch-dest": destination }).isFramed).toBe(
			true,
		);
	}
});

it("has no site for anything but the four words", () => {
	for (const site of ["same-origin", "same-site", "cross-site", "none"])
		expect(from({ "sec-fetch-site": site }).site).toBe(site);
	for (const site of ["", "Same-Origin", "same-origin, cross-site", "x"])
		expect(from({ "sec-fetch-site": site }).site).toBeUndefined();
});
