import type { ConfigProblem } from "../base/errors.ts";
import { trimSpace } from "../base/http-space.ts";
import { classifyAddress, isLoopbackInBrowsers, parseAddressRanges } from "../base/ip.ts";
import type { HeaderReader } from "../guard/navigation.ts";
import type { Environment } from "./environment.ts";

/** Variable that pins the public origins, separated by commas. */
export const ORIGIN_VARIABLE = "PORTCULLIS_ORIGIN";

/** Stands for the address of those whose forwarded headers contradict each other. */
const CONTRADICTORY = "a caller with contradictory forwarded headers";

/** What finding the public origin needs of a request. */
export interface OriginSource {
	/** Absolute, as the host built it. */
	readonly url: string;
	readonly header: HeaderReader;
	/** Address of the direct peer, where the host knows it. */
	readonly remoteAddress?: string | undefined;
}

/** Finds the origin that the browser sees. `undefined` if it is none of the pinned ones. */
export type OriginFinder = (source: OriginSource) => string | undefined;

/** Finds the caller's address: of the direct peer, or what a trusted proxy says. */
export type AddressFinder = (source: OriginSource) => string | undefined;

/** What the options `origin` and `trustProxy` make of requests. */
export interface CompiledOrigin {
	readonly find: OriginFinder;
	readonly findAddress: AddressFinder;
	/**
	 * Finds the address that limits count a caller by. None for a direct peer in a private network,
	 * or on this machine: that is a proxy as a rule, and all callers behind it would share what one
	 * caller may have. Callers whose proxy is trusted and seems to contradict itself count as one:
	 * such headers are their own doing.
	 */
	readonly findCounted: AddressFinder;
	readonly pinned: readonly string[];
	/** For the log: why `find` may have found none. */
	readonly unknown: string;
	readonly problems: readonly ConfigProblem[];
}

/**
 * Compiles the `origin` and `trustProxy` options.
 *
 * With one pinned origin that is always the answer, independent of the request; with several, the
 * one of the request's host. Without, it is the request's own, completed by the forwarded headers
 * of a trusted proxy: the last value of each, which the nearest proxy wrote, and none where
 * `Forwarded` and `X-Forwarded-*` contradict each other. From anyone else those headers change
 * nothing.
 */
export function compileOrigin(
	option: string | readonly string[] | undefined,
	trustProxy: boolean | readonly string[] | undefined,
	env: Environment,
): CompiledOrigin {
	const problems: ConfigProblem[] = [];
	const given =
		option === undefined
			? (env[ORIGIN_VARIABLE] ?? "").split(",")
			: typeof option === "string"
				? option.split(",")
				: option;
	const pinned = given
		.map((text) => text.trim())
		.filter(Boolean)
		.map((text) => {
			const origin = originOf(text);
			if (!origin)
				problems.push({
					problem: `"${text}" is not a public origin`,
					remedy: `Set ${ORIGIN_VARIABLE} to scheme, host and port, such as https://app.example.com.`,
				});
			return origin ?? "";
		});
	const isTrusted = compileTrust(trustProxy, problems);
	const [only] = pinned;

	const find: OriginFinder = (source) => {
		if (pinned.length === 1) return only;
		const seen = browserVisibleOrigin(source, isTrusted(source.remoteAddress));
		if (pinned.length === 0) return seen; // proven: host-not-pinned
		const host = seen && new URL(seen).host;
		return (
			pinned.find((origin) => origin === seen) ??
			pinned.find((origin) => new URL(origin).host === host)
		);
	};
	const findAddress: AddressFinder = ({ header, remoteAddress }) => {
		const forwarded = isTrusted(remoteAddress) ? forwardedAddress(header) : undefined;
		return forwarded === undefined || forwarded === CONTRADICTION ? remoteAddress : forwarded;
	};
	const findCounted: AddressFinder = ({ header, remoteAddress }) => {
		const forwarded = isTrusted(remoteAddress) ? forwardedAddress(header) : undefined;
		if (forwarded === CONTRADICTION) return CONTRADICTORY; // proven: contradictory-unlimited
		// proven: proxy-is-a-caller
		return (
			forwarded ??
			(remoteAddress !== undefined && isPublic(remoteAddress) ? remoteAddress : undefined)
		);
	};
	const unknown =
		pinned.length > 0
			? `A request named a host that is none of the pinned origins (${pinned.join(", ")})`
			: "The forwarded headers of a trusted proxy make no origin: X-Forwarded-Proto must be http or https, and X-Forwarded-Host a host";
	return { find, findAddress, findCounted, pinned, unknown, problems };
}

/**
 * True for an origin on which browsers keep `Secure` cookies: https, and http on loopback (WebKit
 * excepted).
 */
export function keepsSecureCookies(origin: string): boolean {
	const { protocol, hostname } = new URL(origin);
	return protocol === "https:" || isLoopbackInBrowsers(hostname);
}

/**
 * True for https on a host that is not this machine: on localhost other apps may well speak plain
 * http on other ports.
 */
export function isPublicHttps(origin: string): boolean {
	const { protocol, hostname } = new URL(origin);
	return protocol === "https:" && !isLoopbackInBrowsers(hostname);
}

/**
 * True for plain http on this machine: the one place where WebKit drops `Secure` cookies and other
 * browsers keep them.
 */
export function isPlainLoopback(origin: string): boolean {
	const { protocol, hostname } = new URL(origin);
	return protocol === "http:" && isLoopbackInBrowsers(hostname);
}

function compileTrust(
	option: boolean | readonly string[] | undefined,
	problems: ConfigProblem[],
): (address: string | undefined) => boolean {
	if (option === undefined || typeof option === "boolean") return () => option === true; // proven: trusted-by-default
	try {
		const ranges = parseAddressRanges(option);
		return (address) => address !== undefined && ranges.includes(address);
	} catch (error) {
		problems.push({
			problem: `http.trustProxy: ${(error as Error).message}`,
			remedy: "List addresses or CIDR ranges of your proxies, such as 10.0.0.0/8.",
		});
		return () => false;
	}
}

function browserVisibleOrigin({ url, header }: OriginSource, trusted: boolean): string | undefined {
	let seen: URL;
	try {
		seen = new URL(url);
	} catch {
		return undefined;
	}
	if (!trusted) return seen.origin;
	const forwarded = parseForwarded(header("forwarded"));
	const proto = agreed(forwarded.proto, last(header("x-forwarded-proto")));
	const forwardedHost = agreed(forwarded.host, last(header("x-forwarded-host")));
	// Proxies write one of the two and pass the other on as it came: where they differ, one of them
	// is the caller's.
	if (proto === CONTRADICTION || forwardedHost === CONTRADICTION) return undefined; // proven: contradiction
	const scheme = proto ?? seen.protocol.slice(0, -1);
	const host = forwardedHost ?? seen.host;
	const port = last(header("x-forwarded-port"));
	if (scheme !== "https" && scheme !== "http") return undefined; // proven: any-scheme
	const hasPort = /:\d+$/.test(host);
	return originOf(
		`${scheme}://${host}${!hasPort && port !== undefined && /^\d{1,5}$/.test(port) ? `:${port}` : ""}`,
	);
}

/**
 * What the nearest proxy says of who it heard from (RFC 7239 section 5.2); a contradiction where it
 * is not clear which word is its own.
 */
function forwardedAddress(header: HeaderReader): string | undefined | typeof CONTRADICTION {
	return agreed(
		bareAddress(parseForwarded(header("forwarded")).for),
		bareAddress(last(header("x-forwarded-for"))),
	);
}

/** Direct peers that are remembered: parsing an address takes a tenth of what an event does. */
const MAX_PEERS = 1000;
const publicPeers = new Map<string, boolean>();

/** False for what is no address at all, too. */
function isPublic(address: string): boolean {
	const known = publicPeers.get(address);
	if (known !== undefined) return known;
	const found = classifyAddress(address) === "public";
	if (publicPeers.size >= MAX_PEERS) publicPeers.clear();
	publicPeers.set(address, found);
	return found;
}

/** Without brackets and port. */
function bareAddress(address: string | undefined): string | undefined {
	return address?.replace(/^\[([^\]]*)\](?::\d+)?$/, "$1").replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
}

const CONTRADICTION = Symbol("contradiction");

/** What `Forwarded` and `X-Forwarded-*` say alike, in lower case, or the one that is there. */
function agreed(
	one: string | undefined,
	other: string | undefined,
): string | undefined | typeof CONTRADICTION {
	const [first, second] = [one?.toLowerCase(), other?.toLowerCase()];
	if (first !== undefined && second !== undefined && first !== second) return CONTRADICTION;
	return first ?? second;
}

/**
 * The parameters of the last element of a `Forwarded` header (RFC 7239 section 4): the one that the
 * nearest proxy added.
 */
function parseForwarded(value: string | null): Record<string, string> {
	const parameters: Record<string, string> = {};
	for (const pair of (last(value) ?? "").split(";")) {
		const [name, text] = pair.split("=", 2);
		if (name && text)
			parameters[trimSpace(name).toLowerCase()] = trimSpace(text).replace(/^"(.*)"$/, "$1");
	}
	return parameters;
}

function last(value: string | null): string | undefined {
	const text = trimSpace(value?.split(",").at(-1) ?? ""); // proven: first-forwarded
	return text === "" ? undefined : text;
}

function originOf(text: string): string | undefined {
	try {
		const url = new URL(text);
		const bare =
			(url.protocol === "https:" || url.protocol === "http:") &&
			url.pathname === "/" &&
			url.search === "" &&
			url.hash === "" &&
			url.username === "";
		return bare && !/[\s@\\?#]/.test(text) ? url.origin : undefined; // proven: origin-with-user
	} catch {
		return undefined;
	}
}
