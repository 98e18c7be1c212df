/** Rounds of percent-decoding that a spelling is followed through: `%2561` needs two. */
const MAX_DECODINGS = 4;
/** Characters that RFC 3986 section 2.3 calls unreserved: percent-encoding them changes nothing, and only hides them. */
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/**
 * True if this is the one plain spelling of a path: no empty, `.` or `..` segments, no parameters (`;`), no backslash, no control
 * character, and percent-encoding only of what needs it.
 *
 * Only a plain path can be opened by a rule. Every other spelling of it stays shut, because a host or a proxy may read it differently.
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
 * Every path that some host could take this spelling for: decoded once or more, lower case, with and without parameters, duplicate
 * slashes, dot segments, trailing slashes and dots. Hosts differ in each of them, so that every combination is a reading of its own:
 * `/admin/..;/x` is `/x` to one and below `/admin` to another. A rule that shuts one reading shuts the spelling.
 */
export function possibleReadings(path: string): string[] {
	const readings = new Set<string>();
	let current = path;
	for (let i = 0; i <= MAX_DECODINGS; i++) {
		for (const reading of variants(current)) readings.add(reading);
		const decoded = decodeLeniently(current);
		if (decoded === current) break;
		current = decoded;
	}
	return [...readings];
}

/** A path pattern as `possibleReadings` writes paths, so that the two can be compared. */
export function foldPattern(pattern: string): string {
	return SIMPLIFICATIONS.reduce((path, simplify) => simplify(path), toOneCase(decodeLeniently(pattern)));
}

/** The path of an absolute URL as text, exactly as it stands there: neither decoded nor resolved, without query. */
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
	return encoded.every((triplet) => !UNRESERVED.test(String.fromCharCode(Number.parseInt(triplet.slice(1), 16))));
}

/** What a host may or may not do to a path, each by itself; in the order in which hosts do them. */
const SIMPLIFICATIONS: readonly ((path: string) => string)[] = [
	// Some stop at a control character, a question mark or a hash sign that was encoded.
	(path) => path.replace(/[?#\p{Cc}].*$/su, ""),
	(path) => path.replaceAll("\\", "/"),
	// As a relative reference it names a host first (RFC 3986 section 4.2).
	(path) => path.replace(/^\/\/+[^/]*(?:\/|$)/, "/"),
	(path) => mapSegments(path, (segment) => segment.split(";", 1)[0] ?? ""),
	(path) => `/${path.split("/").filter(Boolean).join("/")}`,
	resolveDots,
	(path) => mapSegments(path, withoutTail),
	(path) => (path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path),
];

function variants(path: string): Set<string> {
	const found = new Set([toOneCase(path)]);
	for (const simplify of SIMPLIFICATIONS) for (const variant of [...found]) found.add(simplify(variant));
	return found;
}

function toOneCase(path: string): string {
	return path.normalize("NFKC").toLowerCase();
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

/** Windows drops trailing dots and blanks of a file name. A loop, because a regular expression would go back over long runs of dots again and again. */
function withoutTail(segment: string): string {
	let end = segment.length;
	while (end > 0 && (segment[end - 1] === "." || /\s/u.test(segment[end - 1] ?? ""))) end--;
	return end === 0 ? segment : segment.slice(0, end);
}

function decodeLeniently(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
	}
}
