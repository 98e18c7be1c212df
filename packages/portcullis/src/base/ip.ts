// Every question about the text of an address is answered here. By hand: ipaddr.js takes four times
// as long for an address, which is looked at for every event, and its import a tenth of ours.

/**
 * Where a host name or an address points, as far as its text tells. `public` also covers every DNS
 * name: resolving is not this module's job.
 *
 * - `loopback`: `localhost`, 127.0.0.0/8, ::1
 * - `private`: a network of one's own (RFC 1918, RFC 6598, RFC 4193) or a range that is never
 *   routed
 * - `local`: link-local, unspecified, multicast or broadcast: no identity provider lives there,
 *   cloud metadata services do
 */
export type HostKind = "public" | "loopback" | "private" | "local";

/** Groups of 16 bits: two of an IPv4 address, eight of an IPv6 address. */
type Address = readonly number[];
interface Range {
	readonly address: Address;
	/** Bits of the address that count. */
	readonly prefix: number;
}

/** What is none of these is public. */
const IPV4_KINDS = kinds({
	loopback: ["127.0.0.0/8"],
	local: ["0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"],
	// 192.0.0.0/24 and 198.18.0.0/15 are for protocols and benchmarks (RFC 6890), and never on the
	// public internet.
	private: [
		...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"],
		...["192.0.0.0/24", "198.18.0.0/15"],
	],
});
const IPV6_KINDS = kinds({
	loopback: ["::1/128"],
	local: ["fe80::/10", "ff00::/8"],
	// Among them Teredo (RFC 4380), which hides an IPv4 address, and local NAT64 (RFC 8215).
	private: ["fc00::/7", "fec0::/10", "2001::/32", "64:ff9b:1::/48"],
});
/**
 * Every form that carries an IPv4 address is judged by that address: compatible (RFC 4291 section
 * 2.5.5.1), translated (RFC 2765), NAT64 (RFC 6052), 6to4 (RFC 3056). A gateway would deliver to
 * it. Each with the group that the address begins at. A mapped address (section 2.5.5.2) is read as
 * IPv4 to begin with.
 */
const CARRIERS = [
	{ range: rangeOf("::/96"), at: 6 },
	{ range: rangeOf("::ffff:0:0:0/96"), at: 6 },
	{ range: rangeOf("64:ff9b::/32"), at: 6 },
	{ range: rangeOf("2002::/16"), at: 1 },
];

/**
 * Classifies `url.hostname`, as this process would reach it.
 *
 * Takes the hostname of a parsed `URL`, never raw text: the parser turns `0x7f.1`, `2130706433` and
 * `127.0.0.1.` into `127.0.0.1`, and a comparison of unparsed text would miss them all.
 */
export function classifyHost(hostname: string): HostKind {
	const kind = classifyAddress(hostname.startsWith("[") ? hostname.slice(1, -1) : hostname);
	if (kind !== undefined) return kind;
	const name = hostname.replace(/\.$/, "").toLowerCase();
	if (name === "localhost") return "loopback";
	// RFC 6761 section 6.3: the whole domain is meant for this machine, but not every resolver knows.
	return name.endsWith(".localhost") ? "private" : "public";
}

/** The same of an address, such as that of a direct peer; `undefined` for what is none. */
export function classifyAddress(text: string): HostKind | undefined {
	const address = parseAddress(text);
	return address && kindOf(address);
}

/**
 * True for `url.hostname` where a browser takes plain http for trustworthy (W3C Secure Contexts
 * section 3.1): browsers, unlike resolvers, never ask anyone for a name below `localhost`. Of
 * addresses, 127.0.0.0/8 and ::1 alone: not every browser reads more than these.
 */
export function isLoopbackInBrowsers(hostname: string): boolean {
	return /^(?:(?:.*\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** A set of IP addresses, written as addresses and CIDR ranges (RFC 4632, RFC 4291). */
export interface AddressRanges {
	/**
	 * True if the address lies in one of the ranges. IPv4-mapped IPv6 addresses count as IPv4;
	 * anything unreadable is in none.
	 */
	includes(address: string): boolean;
}

/**
 * Parses addresses and ranges such as `10.0.0.0/8`, `127.0.0.1`, `::1` or `fd00::/8`.
 *
 * @throws {RangeError} for the first text that is neither.
 */
export function parseAddressRanges(texts: readonly string[]): AddressRanges {
	const ranges = texts.map(rangeOf);
	return {
		includes(text) {
			const address = parseAddress(text);
			return address !== undefined && ranges.some((range) => contains(range, address));
		},
	};
}

/**
 * What limits by address count an address by, so that no caller has more than one: an IPv4 address
 * as it is, also where it is mapped into IPv6; of an IPv6 address its /64, however it is written.
 * Anything unreadable counts as it is.
 */
export function networkOf(address: string): string {
	return countedBy(address, 4);
}

/** How many times what one network may have all networks of a site may have together. */
export const NETWORKS_OF_SITE = 16;

/**
 * The site that an IPv6 network belongs to, its /48: who rents one has 65,536 networks, so limits
 * by network count the site as well. Of anything else the network itself.
 */
export function siteOf(address: string): string {
	return countedBy(address, 3);
}

/** @param groups Of an IPv6 address so many count. */
function countedBy(text: string, groups: number): string {
	const address = parseAddress(text);
	if (address === undefined) return text;
	if (isIPv4(address)) return address.flatMap((group) => [group >> 8, group & 0xff]).join(".");
	const prefix = address.slice(0, groups).map((group) => group.toString(16));
	return `${prefix.join(":")}::/${groups * 16}`;
}

function kindOf(address: Address): HostKind {
	const found = (isIPv4(address) ? IPV4_KINDS : IPV6_KINDS).find(({ range }) =>
		contains(range, address),
	);
	if (found) return found.kind;
	const carrier = CARRIERS.find(({ range }) => contains(range, address));
	return carrier ? kindOf(address.slice(carrier.at, carrier.at + 2)) : "public";
}

function kinds(
	ranges: Readonly<Partial<Record<HostKind, readonly string[]>>>,
): readonly { readonly kind: HostKind; readonly range: Range }[] {
	return Object.entries(ranges).flatMap(([kind, texts]) =>
		texts.map((text) => ({ kind: kind as HostKind, range: rangeOf(text) })),
	);
}

function rangeOf(text: string): Range {
	const [start = "", length, ...rest] = text.split("/");
	const address = parseAddress(start);
	const bits = (address?.length ?? 0) * 16;
	const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : -1;
	if (!address || prefix < 0 || prefix > bits || rest.length > 0)
		throw new RangeError(`${text} is not an IP address or CIDR range`);
	return { address, prefix };
}

function contains({ address: start, prefix }: Range, address: Address): boolean {
	if (start.length !== address.length) return false;
	for (let i = 0; i * 16 < prefix; i++) {
		const unused = Math.max(0, 16 - (prefix - i * 16));
		if ((start[i] ?? 0) >> unused !== (address[i] ?? 0) >> unused) return false;
	}
	return true;
}

function isIPv4(address: Address): boolean {
	return address.length === 2;
}

/**
 * One address in its usual form, without brackets and port. A zone is left out, and an IPv6 address
 * that an IPv4 address is mapped into is that one. Forms that programs read differently are none:
 * fewer than four parts, and leading zeros, which may mean octal.
 */
function parseAddress(text: string): Address | undefined {
	return text.includes(":") ? parseIPv6(text.replace(/%.*$/, "")) : parseIPv4(text);
}

function parseIPv4(text: string): Address | undefined {
	const [, ...parts] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text) ?? [];
	const [a = 256, b = 256, c = 256, d = 256] = parts.map(Number);
	if (a > 255 || b > 255 || c > 255 || d > 255) return undefined;
	if (parts.some((part) => part.length > 1 && part.startsWith("0"))) return undefined;
	return [(a << 8) | b, (c << 8) | d];
}

function parseIPv6(text: string): Address | undefined {
	if (!/^[\da-f:.]+$/i.test(text)) return undefined;
	// The URL parser is the IPv6 parser of the platform; it writes the address compressed, and
	// without dots.
	const canonical = URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);
	if (canonical === undefined) return undefined;
	const [head = "", tail] = canonical.split("::");
	const left = groupsOf(head);
	const right = groupsOf(tail ?? "");
	const zeros = Array<number>(8 - left.length - right.length).fill(0);
	const address = [...left, ...zeros, ...right];
	const isMapped = address[5] === 0xffff && address.slice(0, 5).every((group) => group === 0);
	return isMapped ? address.slice(6) : address;
}

function groupsOf(text: string): number[] {
	return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
