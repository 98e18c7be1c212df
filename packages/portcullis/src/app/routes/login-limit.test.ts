import { expect, it } from "vitest";
import { createAddressLimit } from "./login-limit.ts";

function limit(perMinute: number) {
	const clock = { now: 1_000_000 };
	const take = createAddressLimit(perMinute, () => clock.now);
	const count = (address: string | undefined, tries = 20) =>
		Array.from({ length: tries }, () => take(address)).filter(({ isAllowed }) => isAllowed).length;
	return { clock, take, count };
}

it("lets a minute's worth through at once, then as many as come back with time", () => {
	const { clock, take, count } = limit(6);
	expect(count("198.51.100.1")).toBe(6);
	expect(take("198.51.100.1")).toMatchObject({ isAllowed: false, retryAfter: 10 });
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
	for (const same of [
		"2001:DB8:1:2:0:0:0:1",
		"2001:0db8:0001:0002::1",
		"2001:db8:1:2:ffff:ffff:ffff:ffff",
	])
		expect(count(same)).toBe(0);
	expect(count("2001:db8:1:3::1", 6)).toBe(6);
	expect(count("198.51.100.7", 6)).toBe(6);
	expect(count("::ffff:198.51.100.7")).toBe(0);
	expect(count("::ffff:c633:6407")).toBe(0);
});

it("counts the networks of one site together as well: 16 times what one may have", () => {
	const { clock, take, count } = limit(6);
	let allowed = 0;
	for (let i = 0; i < 1000; i++) allowed += count(`2001:db8:1:${i.toString(16)}::1`, 1);
	expect(allowed).toBe(96);
	expect(take("2001:db8:1:ffff::1")).toMatchObject({
		isAllowed: false,
		network: "2001:db8:1::/48",
		isFirst: false,
	});
	expect(count("2001:db8:2::1", 6)).toBe(6);
	expect(count("198.51.100.7", 6)).toBe(6);
	// Networks that come and go make no site be forgotten.
	for (let i = 0; i < 20_000; i++)
		take(`2001:db8:${(3 + (i >> 4)).toString(16)}:${(i & 15).toString(16)}::1`);
	expect(count("2001:db8:1:1::1")).toBe(0);
	clock.now += 60_000;
	expect(count("2001:db8:1:1::1")).toBe(6);
});

it("counts nobody together whose address is not known", () => {
	expect(limit(6).count(undefined)).toBe(20);
});

it("is off with 0", () => {
	expect(limit(0).count("198.51.100.1", 1000)).toBe(1000);
});

it("remembers 10,000 networks and says once a minute that one is refused", () => {
	const { clock, take, count } = limit(1);
	expect(count("198.51.100.1", 2)).toBe(1);
	const news = () => {
		const taken = take("198.51.100.1");
		return taken.isAllowed ? undefined : taken.isFirst;
	};
	// The first refusal was said above.
	expect([news(), news()]).toEqual([false, false]);
	clock.now += 59_000;
	expect(news()).toBe(false);
	for (let i = 0; i < 9_999; i++) take(`10.0.${i >> 8}.${i & 255}`);
	expect(news()).toBe(false);
	for (let i = 0; i < 10_000; i++) take(`10.1.${i >> 8}.${i & 255}`);
	// Forgotten, and so begun anew.
	expect(news()).toBe(undefined);
});
