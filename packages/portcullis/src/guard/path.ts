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
 * Every path that some host could take this spelling for: decoded once or more, lower case, without parameters, duplicate slashes,
 * dot segments, trailing slashes and dots. A rule that shuts one of them shuts the spelling.
 */
export function possibleReadings(path: string): string[] {
	const readings = new Set<string>();
	let current = path;
	for (let i = 0; i <= MAX_DECODINGS; i++) {
		addReadings(readings, current);
		const decoded = decodeLeniently(current);
		if (decoded === current) break;
		current = decoded;
	}
	return [...readings];
}

/** A path pattern as `possibleReadings` writes paths, so that the two can be compared. */
export function foldPattern(pattern: string): string {
	return fold(decodeLeniently(pattern));
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

function addReadings(readings: Set<string>, path: string): void {
	readings.add(fold(path));
	// Some hosts stop at a control character, a question mark or a hash sign that was encoded; others do not.
	const cut = path.search(/[?#\p{Cc}]/u);
	if (cut >= 0) readings.add(fold(path.slice(0, cut)));
}

function fold(path: string): string {
	const segments: string[] = [];
	for (const part of path.normalize("NFKC").toLowerCase().replaceAll("\\", "/").split("/")) {
		const segment = part.split(";", 1)[0] ?? "";
		if (segment === "" || segment === ".") continue;
		if (segment === "..") segments.pop();
		else segments.push(segment.replace(/[.\s]+$/u, "") || segment);
	}
	return `/${segments.join("/")}`;
}

function decodeLeniently(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
	}
}
