/**
 * Where a host name points, as far as its text tells. `public` also covers every DNS name:
 * resolving is not this module's job.
 *
 * - `loopback`: `localhost`, 127.0.0.0/8, ::1
 * - `private`: a network of one's own (RFC 1918, RFC 6598, RFC 4193) or a range that is never
 *   routed
 * - `local`: link-local, unspecified, multicast or broadcast: no identity provider lives there,
 *   cloud metadata services do
 */
export type HostKind = "public" | "loopback" | "private" | "local";

/**
 * Classifies `url.hostname`.
 *
 * Takes the hostname of a parsed `URL`, never raw text: the parser turns `0x7f.1`, `2130706433` and
 * `127.0.0.1.` into `127.0.0.1`, and a comparison of unparsed text would miss them all.
 */
export function classifyHost(hostname: string): HostKind {
	if (hostname.startsWith("[")) return classifyIPv6(hostname.slice(1, -1));
	if (/^\d+\.\d+\.\d+\.\d+$/.test(hostname)) return classifyIPv4(hostname.split(".").map(Number));
	const name = hostname.replace(/\.$/, "").toLowerCase();
	if (name === "localhost") return "loopback";
	// RFC 6761 section 6.3: the whole domain is meant for this machine, but not every resolver knows.
	return name.endsWith(".localhost") ? "private" : "public";
}

function classifyIPv4(octets: readonly number[]): HostKind {
	const [a = 0, b = 0, c = 0] = octets;
	if (a === 127) return "loopback";
	if (a === 0 || a >= 224 || (a === 169 && b === 254)) return "local";
	if (a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168)) return "private";
	if (a === 100 && b >= 64 && b <= 127) return "private";
	// IETF protocol assignments and benchmarking (RFC 6890): never on the public internet.
	if ((a === 192 && b === 0 && c === 0) || (a === 198 && (b === 18 || b === 19))) return "private";
	return "public";
}

function classifyIPv6(address: string): HostKind {
	const groups = expand(address);
	const [first = 0, second = 0] = groups;
	const leadingZeros = groups.findIndex((group) => group !== 0);
	if (leadingZeros === -1) return "local";
	if (leadingZeros === 7 && groups[7] === 1) return "loopback";
	const mapped = leadingZeros === 5 && groups[5] === 0xffff;
	// Every form that carries an IPv4 address is judged by that address: mapped and compatible (RFC
	// 4291 section 2.5.5), translated (RFC 2765), NAT64 (RFC 6052), 6to4 (RFC 3056). A gateway would
	// deliver to it.
	const translated = leadingZeros === 4 && groups[4] === 0xffff && groups[5] === 0;
	if (mapped || translated || leadingZeros >= 6) return classifyIPv4(embedded(groups, 6));
	if (first === 0x64 && second === 0xff9b)
		return groups[2] === 1 ? "private" : classifyIPv4(embedded(groups, 6));
	if (first === 0x2002) return classifyIPv4(embedded(groups, 1));
	// Teredo (RFC 4380) hides an IPv4 address, too, and has no business here.
	if (first === 0x2001 && second === 0) return "private";
	if ((first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfec0) return "private";
	if ((first & 0xffc0) === 0xfe80 || (first & 0xff00) === 0xff00) return "local";
	return "public";
}

/**
 * The eight groups of an address as the URL parser writes it: compressed, hexadecimal, never with
 * dots.
 */
function expand(address: string): number[] {
	const [head = "", tail] = address.split("::");
	const before = toGroups(head);
	if (tail === undefined) return before;
	const after = toGroups(tail);
	return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function toGroups(text: string): number[] {
	return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

function embedded(groups: readonly number[], at: number): number[] {
	const [high = 0, low = 0] = groups.slice(at, at + 2);
	return [high >> 8, high & 0xff, low >> 8, low & 0xff];
}
