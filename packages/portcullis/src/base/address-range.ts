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
	const ranges = texts.map(parseRange);
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
	const parsed = parseAddress(address);
	if (parsed === undefined) return address;
	if (parsed.bits === 32)
		return [24n, 16n, 8n, 0n].map((shift) => (parsed.value >> shift) & 0xffn).join(".");
	return prefixOf(parsed, [112n, 96n, 80n, 64n], 64);
}

/** How many times what one network may have all networks of a site may have together. */
export const NETWORKS_OF_SITE = 16;

/**
 * The site that an IPv6 network belongs to, its /48: who rents one has 65,536 networks, so limits
 * by network count the site as well. Of anything else the network itself.
 */
export function siteOf(address: string): string {
	const parsed = parseAddress(address);
	return parsed?.bits === 128 ? prefixOf(parsed, [112n, 96n, 80n], 48) : networkOf(address);
}

function prefixOf({ value }: Address, shifts: readonly bigint[], bits: number): string {
	return `${shifts.map((shift) => ((value >> shift) & 0xffffn).toString(16)).join(":")}::/${bits}`;
}

interface Address {
	readonly value: bigint;
	readonly bits: 32 | 128;
}

interface Range extends Address {
	readonly prefix: number;
}

const MAPPED_IPV4 = 0xffffn << 32n;

function parseRange(text: string): Range {
	const [address = "", prefix, ...rest] = text.split("/");
	const parsed = parseAddress(address);
	const length =
		prefix === undefined ? parsed?.bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : undefined;
	if (!parsed || length === undefined || length > parsed.bits || rest.length > 0)
		throw new RangeError(`${text} is not an IP address or CIDR range`);
	return { ...parsed, prefix: length };
}

function contains(range: Range, address: Address): boolean {
	if (range.bits !== address.bits) return false;
	const shift = BigInt(range.bits - range.prefix);
	return range.value >> shift === address.value >> shift;
}

function parseAddress(text: string): Address | undefined {
	if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return parseIpv4(text);
	return text.includes(":") ? parseIpv6(text.replace(/%.*$/, "")) : undefined;
}

function parseIpv4(text: string): Address | undefined {
	const parts = text.split(".").map(Number);
	if (parts.some((part) => part > 255)) return undefined;
	return { value: parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n), bits: 32 };
}

function parseIpv6(text: string): Address | undefined {
	let canonical: string;
	try {
		// The URL parser is the IPv6 parser of the platform; it writes the address without dotted
		// quads.
		canonical = new URL(`http://[${text}]`).hostname.slice(1, -1);
	} catch {
		return undefined;
	}
	const [head = "", tail] = canonical.split("::");
	const left = head === "" ? [] : head.split(":");
	const right = tail ? tail.split(":") : [];
	const zeros = Array<string>(8 - left.length - right.length).fill("0");
	const value = [...left, ...zeros, ...right].reduce(
		(sum, group) => (sum << 16n) | BigInt(`0x${group}`),
		0n,
	);
	return value >> 32n === MAPPED_IPV4 >> 32n
		? { value: value & 0xffff_ffffn, bits: 32 }
		: { value, bits: 128 };
}
