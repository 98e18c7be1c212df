import { expect, it } from "vitest";
import { createAddressLimit } from "./login-limit.ts";

function limit(perMinute: number) {
	const clock = { now: 1_000_000 };
	const take = createAddressLimit(perMinute, () => clock.now);
	const count = (address: string | undefined, tries = 20, isDirectPeer = false) =>
		Array.from({ length: tries }, () => take(address, isDirectPeer)).filter(({ isAllowed }) => isAllowed).length;
	return { clock, take, count };
}

it("lets a minute's worth through at once, then as many as come back with time", () => {
	const { clock, take, count } = limit(6);
	expect(count("198.51.100.1")).toBe(6);
	expect(take("198.51.100.1", false)).toMatchObject({ isAllowed: false, retryAfter: 10 });
	clock.now += 10_000;
	expect(count("198.51.100.1")).toBe(1);
	clock.now += 3_600_000;
	expect(count("198.51.100.1")).toBe(6);
	// A clock that goes backwards gives nothing and takes nothing.
	clock.now -= 3_600_000;
	expect(count("198.51.100.1")).toBe(0);
	clock.now += 10_000;
	expect(count("198.51.100.1")).toBe(1);
});

it("takes every spelling of an address, and every address of an IPv6 network, for one (R78)", () => {
	const { count } = limit(6);
	expect(count("2001:db8:1:2::1", 6)).toBe(6);
	for (const same of ["2001:DB8:1:2:0:0:0:1", "2001:0db8:0001:0002::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"])
		expect(count(same)).toBe(0);
	expect(count("2001:db8:1:3::1", 6)).toBe(6);
	expect(count("198.51.100.7", 6)).toBe(6);
	expect(count("::ffff:198.51.100.7")).toBe(0);
	expect(count("::ffff:c633:6407")).toBe(0);
});

it("counts nobody together who only shares a proxy: no address, or a direct peer in a private network", () => {
	const { count } = limit(6);
	for (const shared of [
		undefined,
		"127.0.0.1",
		"::1",
		"10.1.2.3",
		"::ffff:10.1.2.3",
		"fe80::1%eth0",
		"fd00::1",
		"unix",
		"",
	])
		expect(count(shared, 20, true)).toBe(20);
	// What a trusted proxy says is somebody's own, in whichever network.
	expect(count("10.1.2.3")).toBe(6);
	expect(count("198.51.100.1", 20, true)).toBe(6);
	expect(count("2001:4860::1", 20, true)).toBe(6);
});

it("is off with 0", () => {
	expect(limit(0).count("198.51.100.1", 1000)).toBe(1000);
});

it("remembers 10,000 networks and says once a minute that one is refused", () => {
	const { clock, take, count } = limit(1);
	expect(count("198.51.100.1", 2)).toBe(1);
	const news = () => {
		const taken = take("198.51.100.1", false);
		return taken.isAllowed ? undefined : taken.isNews;
	};
	// The first refusal was said above.
	expect([news(), news()]).toEqual([false, false]);
	clock.now += 59_000;
	expect(news()).toBe(false);
	for (let i = 0; i < 9_999; i++) take(`10.0.${i >> 8}.${i & 255}`, false);
	expect(news()).toBe(false);
	for (let i = 0; i < 10_000; i++) take(`10.1.${i >> 8}.${i & 255}`, false);
	// Forgotten, and so begun anew.
	expect(news()).toBe(undefined);
});
