import { pagesBehind } from "./data-address.ts";

/**
 * Rounds of percent-decoding that a spelling is followed through: `%2561` needs two. A path that
 * still changes after them is denied to everyone.
 */
const MAX_DECODINGS = 5;
/**
 * Readings that a spelling may have. Addresses that people use have a few, those of attackers any
 * number.
 */
const MAX_READINGS = 64;
/**
 * Characters in all of them together: what they take depends on it, and of one letter tidying up
 * can make eighteen.
 */
const MAX_READING_CHARACTERS = 16_384;
/**
 * Characters that RFC 3986 section 2.3 calls unreserved: percent-encoding them changes nothing, and
 * only hides them.
 */
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/**
 * True if this is the one plain spelling of a path: no empty, `.` or `..` segments, no parameters
 * (`;`), no backslash, no control character, and percent-encoding only of what needs it.
 *
 * Only a plain path can be opened by a rule. Every other spelling of it stays shut, because a host
 * or a proxy may read it differently.
 */
export function isPlainPath(path: string): boolean {
	if (!path.startsWith("/")) return false;
	if (path === "/") return true;
	return path
		.slice(1)
		.split("/")
		.every((segment, i, all) => (segment === "" ? i === all.length - 1 : isPlainSegment(segment)));
}

/**
 * Counts what working a path out takes, in characters and patterns looked at: tests hold that it
 * grows with neither more than it must.
 */
export interface Work {
	steps: number;
}

/** Everything that a spelling may stand for. */
export interface Readings {
	/** Paths that some host could take the spelling for, the spelling in lower case first. */
	readonly paths: readonly string[];
	/** Pages whose data it may bring, in all of their own readings. */
	readonly pages: readonly string[];
	/**
	 * What stands before a dot in them: Connect hands `/admin.json` to what is mounted at `/admin`.
	 */
	readonly stems: readonly string[];
}

/** `undefined` for a spelling with more readings than any address that people use has. */
export function readPath(path: string, work: Work): Readings | undefined {
	const paths = readingsOf([path], work);
	if (paths === undefined) return undefined;
	const behind: string[] = [];
	for (const reading of paths) {
		work.steps += reading.length;
		behind.push(...pagesBehind(reading));
	}
	const stems = new Set<string>();
	for (const reading of paths) if (!addStems(reading, stems, work)) return undefined;
	// What is left once the ending is off may be odd in its turn: `/x/...data` is `/x/..`.
	const pages = behind.length === 0 ? behind : readingsOf(behind, work);
	return pages && { paths: [...paths], pages: [...pages], stems: [...stems] };
}

/** False if there are too many. A dot at the beginning of a segment is part of its name. */
function addStems(path: string, stems: Set<string>, work: Work): boolean {
	for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
		if (path[dot - 1] === "/") continue;
		work.steps += dot;
		stems.add(path.slice(0, dot));
		if (stems.size > MAX_READINGS) return false;
	}
	return true;
}

/**
 * Every path that some host could take this spelling for: decoded once or more, lower case, with
 * and without parameters, duplicate slashes, dot segments, trailing slashes and dots. Hosts differ
 * in each of them, so that every combination is a reading of its own: `/admin/..;/x` is `/x` to one
 * and below `/admin` to another. They differ in the order too: a host that resolves dots before it
 * decodes takes `/x%2fy/../%61dmin` for `/admin`, and one that decodes first for `/x/admin`. A rule
 * that shuts one reading shuts the spelling.
 *
 * None for a spelling that has more of them than are looked at.
 */
export function possibleReadings(path: string): string[] {
	return [...(readingsOf([path], { steps: 0 }) ?? [])];
}

/**
 * All readings that simplifying and decoding, in any order and repeatedly, make of some paths;
 * `undefined` if there are too many.
 */
function readingsOf(paths: readonly string[], work: Work): Set<string> | undefined {
	const readings = new Set<string>();
	let characters = 0;
	let begin = new Set(paths.map(toOneCase));
	for (let i = 0; i <= MAX_DECODINGS; i++) {
		const found = [...begin];
		for (const path of found) readings.add(path);
		const decoded = new Set<string>();
		// It grows while it is gone through.
		for (const path of found) {
			characters += path.length;
			if (characters > MAX_READING_CHARACTERS) return undefined; // proven: any-characters
			for (const simplify of SIMPLIFICATIONS) {
				work.steps += path.length;
				const simpler = simplify(path);
				if (readings.has(simpler)) continue;
				readings.add(simpler);
				found.push(simpler);
			}
			if (readings.size > MAX_READINGS) return undefined; // proven: any-readings
			work.steps += path.length;
			if (path.includes("%")) decoded.add(toOneCase(decodeLeniently(path))); // proven: no-decoding, decoding-first
		}
		begin = new Set([...decoded].filter((path) => !readings.has(path)));
		if (begin.size === 0) return readings; // proven: one-decoding
	}
	return undefined; // proven: any-decoding
}

/** A path pattern as `possibleReadings` writes paths, so that the two can be compared. */
export function foldPattern(pattern: string): string {
	return SIMPLIFICATIONS.reduce(
		(path, simplify) => simplify(path),
		toOneCase(decodeLeniently(pattern)),
	);
}

/**
 * The path of an absolute URL as text, exactly as it stands there: neither decoded nor resolved,
 * without query.
 */
export function rawPath(url: string): string {
	const start = url.indexOf("/", url.indexOf("://") + 3);
	if (start < 0) return "/";
	const query = url.indexOf("?", start);
	return query < 0 ? url.slice(start) : url.slice(start, query);
}

function isPlainSegment(segment: string): boolean {
	if (segment === "." || segment === ".." || /[;\\#?\s\p{Cc}]/u.test(segment)) return false;
	if (!segment.includes("%")) return true;
	let decoded: string;
	try {
		decoded = decodeURIComponent(segment);
	} catch {
		return false;
	}
	if (/[/\\;%#?\p{Cc}]/u.test(decoded) || decoded === "." || decoded === "..") return false;
	const encoded = segment.match(/%[0-9A-Fa-f]{2}/g) ?? [];
	return encoded.every(
		(triplet) => !UNRESERVED.test(String.fromCharCode(Number.parseInt(triplet.slice(1), 16))),
	);
}

/**
 * What a host may or may not do to a path, each by itself, in any order. What `foldPattern` does to
 * a pattern, in this one.
 */
const SIMPLIFICATIONS: readonly ((path: string) => string)[] = [
	// Parsers of addresses drop these wherever they stand (URL Standard).
	(path) => path.replace(/[\t\r\n]/g, ""),
	// To some a semicolon begins the query.
	(path) => path.replace(/;.*$/s, ""),
	// Some stop at a control character, a question mark or a hash sign that was encoded.
	(path) => path.replace(/[?#\p{Cc}].*$/su, ""), // proven: no-cut
	(path) => path.replaceAll("\\", "/"), // proven: no-backslashes
	// As a relative reference it names a host first (RFC 3986 section 4.2).
	(path) => path.replace(/^\/\/+[^/]*(?:\/|$)/, "/"), // proven: no-authority
	(path) => mapSegments(path, (segment) => segment.split(";", 1)[0] ?? ""), // proven: no-parameters
	(path) => path.replace(/\/\/+/g, "/"), // proven: no-double-slashes
	resolveDots, // proven: no-dots
	(path) => mapSegments(path, withoutTail), // proven: no-tails
	withoutLastSlashes, // proven: no-end-slash
];

/**
 * One spelling for all that differ in case or in the form of letters. By way of upper case, in
 * which more letters are one: regular expressions without regard to case, which routers match by,
 * compare like that, and take both sigmas for one.
 */
function toOneCase(path: string): string {
	if (/^\p{ASCII}*$/u.test(path)) return path.toLowerCase(); // proven: no-one-case
	// In lower case, which sigma it is depends on what comes after it.
	// proven: no-unicode-forms, lower-case-alone
	const oneCase = path.normalize("NFKC").toUpperCase().toLowerCase().replaceAll("ς", "σ");
	return oneCase.normalize("NFKC");
}

function resolveDots(path: string): string {
	const segments: string[] = [];
	for (const segment of path.split("/").slice(1)) {
		if (segment === "..") segments.pop();
		else if (segment !== ".") segments.push(segment);
	}
	return `/${segments.join("/")}`;
}

function mapSegments(path: string, map: (segment: string) => string): string {
	return path.split("/").map(map).join("/");
}

/**
 * Windows drops trailing dots and blanks of a file name. A loop, because a regular expression would
 * go back over long runs of dots again and again.
 */
function withoutTail(segment: string): string {
	let end = segment.length;
	while (end > 0 && (segment[end - 1] === "." || /\s/u.test(segment[end - 1] ?? ""))) end--;
	return end === 0 ? segment : segment.slice(0, end);
}

/** All of them at once, and by a loop for the same reason. */
function withoutLastSlashes(path: string): string {
	let end = path.length;
	while (end > 1 && path[end - 1] === "/") end--;
	return path.slice(0, end);
}

/**
 * Decodes what can be decoded, as UTF-8 where it is that and byte by byte elsewhere: one wrong byte
 * must not hide what stands beside it.
 */
function decodeLeniently(text: string): string {
	if (!text.includes("%")) return text;
	try {
		return decodeURIComponent(text);
	} catch {
		return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, decodeRun);
	}
}

function decodeRun(run: string): string {
	let decoded = "";
	for (let i = 0; i < run.length; ) {
		const [character, bytes] = decodeOne(run, i);
		decoded += character;
		i += 3 * bytes;
	}
	return decoded;
}

/** The character at a place of a run of percent-encoded bytes, and of how many bytes it is. */
function decodeOne(run: string, at: number): [character: string, bytes: number] {
	const byteAt = (index: number) =>
		Number.parseInt(run.slice(at + 3 * index + 1, at + 3 * index + 3), 16);
	const first = byteAt(0);
	const bytes = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	try {
		return [decodeURIComponent(run.slice(at, at + 3 * bytes)), bytes];
	} catch {
		// An ASCII character in more bytes than it needs, which careless decoders take for it (RFC 3629
		// section 10).
		const isOverlong = (first & 0xfe) === 0xc0 && (byteAt(1) & 0xc0) === 0x80;
		if (isOverlong) return [String.fromCharCode(((first & 0x1f) << 6) | (byteAt(1) & 0x3f)), 2];
		return [String.fromCharCode(first), 1];
	}
}
