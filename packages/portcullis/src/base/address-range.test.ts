import { expect, it } from "vitest";
import { networkOf, parseAddressRanges } from "./address-range.ts";

it.each([
	["10.0.0.0/8", "10.255.0.1", true],
	["10.0.0.0/8", "11.0.0.1", false],
	["10.0.0.0/8", "::ffff:10.1.2.3", true],
	["127.0.0.1", "127.0.0.1", true],
	["127.0.0.1", "127.0.0.2", false],
	["0.0.0.0/0", "203.0.113.9", true],
	["0.0.0.0/0", "::1", false],
	["::1", "0:0:0:0:0:0:0:1", true],
	["fd00::/8", "fd12:3456::1", true],
	["fd00::/8", "fe80::1%eth0", false],
	["fe80::/10", "fe80::1%eth0", true],
	["2001:db8::/33", "2001:db8:8000::1", false],
	["::ffff:10.0.0.1", "10.0.0.1", true],
])("%s and %s: %s", (range, address, expected) => {
	expect(parseAddressRanges([range]).includes(address)).toBe(expected);
});

it("has nothing unreadable in any range", () => {
	const everything = parseAddressRanges(["0.0.0.0/0", "::/0"]);
	for (const address of [
		"",
		"x",
		"10.0.0",
		"10.0.0.256",
		"10.0.0.1.",
		"010.0.0.1.1",
		":::",
		"g::1",
		"10.0.0.1/8",
	])
		expect([address, everything.includes(address)]).toEqual([address, false]);
});

it("refuses what is no address or range", () => {
	for (const text of [
		"",
		"x",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/8/8",
		"10.0.0.0/a",
		"fd00::/129",
		"proxy.internal",
	]) {
		expect(() => parseAddressRanges([text])).toThrow(RangeError);
	}
});

it.each([
	["192.0.2.1", "192.0.2.1"],
	["::ffff:192.0.2.1", "192.0.2.1"],
	["::FFFF:c000:201", "192.0.2.1"],
	["2001:db8:0:1::5", "2001:db8:0:1::/64"],
	["2001:0DB8:0:1:ffff::%eth0", "2001:db8:0:1::/64"],
	["2001:db8:0:2::5", "2001:db8:0:2::/64"],
	["::1", "0:0:0:0::/64"],
	["", ""],
	["unknown", "unknown"],
	["192.0.2.1:8080", "192.0.2.1:8080"],
])("%s counts as %s", (address, expected) => {
	expect(networkOf(address)).toBe(expected);
});
