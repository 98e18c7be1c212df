import { describe, expect, it } from "vitest";
import {
	classifyAddress,
	classifyHost,
	type HostKind,
	isLoopbackInBrowsers,
	networkOf,
	parseAddressRanges,
	siteOf,
} from "./ip.ts";

const corpus: Record<HostKind, readonly string[]> = {
	loopback: [
		"localhost",
		"LOCALHOST",
		"localhost.",
		"127.0.0.1",
		"127.255.255.254",
		"127.1",
		"0x7f.1",
		"2130706433",
		"0177.0.0.1",
		"127.0.0.1.",
		"[::1]",
		"[0:0:0:0:0:0:0:1]",
		"[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]",
		"[::127.0.0.1]",
		"[::ffff:0:7f00:1]",
		"[64:ff9b::7f00:1]",
		"[2002:7f00:1::]",
		"１２７.0.0.1",
	],
	private: [
		"10.0.0.1",
		"10.1",
		"172.16.0.1",
		"172.31.255.255",
		"192.168.1.1",
		"0xc0a80101",
		"100.64.0.1",
		"100.127.255.255",
		"192.0.0.8",
		"198.18.0.1",
		"198.19.255.255",
		"[fc00::1]",
		"[fd12:3456::1]",
		"[::ffff:10.0.0.1]",
		"[fec0::1]",
		"[64:ff9b:1::1]",
		"[2001::1]",
		"idp.localhost",
		"idp.localhost.",
	],
	local: [
		"0.0.0.0",
		"0",
		"0.1.2.3",
		"169.254.169.254",
		"0xa9fea9fe",
		"2852039166",
		"224.0.0.1",
		"240.0.0.1",
		"255.255.255.255",
		"[::]",
		"[::2]",
		"[fe80::1]",
		"[ff02::1]",
		"[::ffff:169.254.169.254]",
		"[64:ff9b::a9fe:a9fe]",
		"[2002:a9fe:a9fe::1]",
	],
	public: [
		"idp.example.com",
		"8.8.8.8",
		"172.15.0.1",
		"172.32.0.1",
		"100.63.255.255",
		"100.128.0.1",
		"169.253.1.1",
		"192.167.1.1",
		"11.0.0.1",
		"[2001:4860:4860::8888]",
		"[::ffff:8.8.8.8]",
		"[64:ff9b::808:808]",
		"localhost.example.com",
		"notlocalhost",
		"10.example.com",
	],
};

describe("classifyHost", () => {
	for (const [kind, hosts] of Object.entries(corpus)) {
		it.each(hosts)(`takes %s for ${kind}`, (host) => {
			expect(classifyHost(new URL(`https://${host}/`).hostname)).toBe(kind);
		});
	}
});

describe("classifyAddress", () => {
	it.each([
		["127.0.0.1", "loopback"],
		["::ffff:127.0.0.1", "loopback"],
		["::1", "loopback"],
		["fe80::1%eth0", "local"],
		["10.1.2.3", "private"],
		["::ffff:10.1.2.3", "private"],
		["203.0.113.7", "public"],
		["2001:db8::1", "public"],
	])("takes %s for %s", (address, kind) => {
		expect(classifyAddress(address)).toBe(kind);
	});

	// Programs differ in what they read of these: octal, parts that are left out, a URL.
	it.each(["", "localhost", "127.1", "0x7f.1", "0127.0.0.1", "010.0.0.1", "127.0.0.1:80", "[::1]"])(
		"takes %s for no address",
		(text) => {
			expect(classifyAddress(text)).toBeUndefined();
		},
	);
	it.each(["::1]/x", "::1]:80", "::1]@[::1", "::1?"])("reads no address out of %s", (text) => {
		expect(classifyAddress(text)).toBeUndefined();
		expect([networkOf(text), siteOf(text)]).toEqual([text, text]);
		expect(parseAddressRanges(["::/0"]).includes(text)).toBe(false);
	});
});

describe("this machine, as browsers see it", () => {
	// What a browser resolves to this machine by itself may be a name that a server asks for.
	it.each<[string, boolean, HostKind]>([
		["localhost", true, "loopback"],
		["app.localhost", true, "private"],
		["127.8.9.1", true, "loopback"],
		["[::1]", true, "loopback"],
		["[::ffff:127.0.0.1]", false, "loopback"],
		["127.0.0.1.example.com", false, "public"],
		["localhost.example.com", false, "public"],
		["notlocalhost", false, "public"],
	])("%s: %s, and %s for a server", (host, inBrowsers, kind) => {
		const { hostname } = new URL(`http://${host}/`);
		expect([isLoopbackInBrowsers(hostname), classifyHost(hostname)]).toEqual([inBrowsers, kind]);
	});
});

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
