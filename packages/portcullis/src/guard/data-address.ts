/**
 * Frameworks bring the data of a page at an address of its own. These endings, in lower case, are
 * what theirs add to the page's.
 *
 * SvelteKit: `/__data.json`, `/__route.js`. Nuxt: `/_payload.json`, whose dot matches anything (see
 * below). Qwik City: `/q-data.json`. Vike: `/index.pageContext.json`. React Router and Remix:
 * `/_root.data`. Static exports: `/index.html`.
 */
const FILES = [
	"/__data.json",
	"/__route.js",
	"/q-data.json",
	"/index.pagecontext.json",
	"/_root.data",
	"/_root.rsc",
	"/index.html",
	"/index.htm",
];
/**
 * The same without a slash. React Router and Remix: `.data` and `.rsc`. Next: `.rsc`,
 * `.prefetch.rsc`, `.action`, and `.txt` in an export. Of several endings, all are tried.
 */
const SUFFIXES = [
	".data",
	".rsc",
	".prefetch.rsc",
	".action",
	".pagecontext.json",
	".txt",
	".html",
	".htm",
];
/** A file server may keep a compressed copy beside a file, and serve it under its own name. */
const COMPRESSED = [".br", ".gz", ".zst"];
/** SvelteKit, of a page whose own name ends like that: `/x.html__data.json`. */
const HTML_SUFFIXES = ["__data.json", "__route.js"];
/** Nuxt matches by a regular expression with a bare dot. */
const NUXT_PAYLOAD = /\/_payload.js(?:on)?$/;

/**
 * The pages whose data an address may bring, by the conventions of well-known frameworks; none for
 * most addresses. A rule about the page counts for its data, whether the host names the page or
 * not.
 *
 * @param path In lower case, not necessarily plain.
 */
export function pagesBehind(path: string): string[] {
	// All conventions end with the name of a file.
	if (!path.includes(".", path.lastIndexOf("/") + 1) && !path.includes("_payload")) return NONE;
	const compressed = COMPRESSED.find((suffix) => path.endsWith(suffix));
	if (compressed === undefined) return pagesOf(path);
	const file = path.slice(0, -compressed.length);
	return [file, ...pagesOf(file)];
}

function pagesOf(path: string): string[] {
	const pages: string[] = [];
	const add = (page: string) => pages.push(page === "" ? "/" : page);
	for (const file of FILES) if (path.endsWith(file)) add(path.slice(0, -file.length));
	for (const suffix of HTML_SUFFIXES) {
		if (!path.endsWith(`.html${suffix}`)) continue;
		const page = path.slice(0, -suffix.length);
		add(page);
		add(page.slice(0, -".html".length));
	}
	for (const suffix of SUFFIXES)
		if (path.endsWith(suffix)) addOfSuffix(path.slice(0, -suffix.length), add);
	const payload = NUXT_PAYLOAD.exec(path);
	if (payload) add(path.slice(0, payload.index));
	addOfNext(path, add);
	addOfGatsby(path, add);
	addOfWaku(path, add);
	return pages;
}

const NONE: string[] = [];

type Add = (page: string) => void;

/** `/x.data` is of `/x`, `/x/_.data` of `/x/`, and `/index.rsc` of `/`. */
function addOfSuffix(page: string, add: Add): void {
	add(page);
	if (page.endsWith("/_")) add(page.slice(0, -1));
	if (page.endsWith("/index")) add(page.slice(0, -"/index".length));
}

/**
 * `/_next/data/<build>/x.json`, `/x.segments/_tree.segment.rsc` and, in an export,
 * `/x/__next._tree.txt`.
 */
function addOfNext(path: string, add: Add): void {
	const data = "/_next/data/";
	const start = path.indexOf(data);
	if (start >= 0 && path.endsWith(".json")) {
		const end = path.indexOf("/", start + data.length);
		const page = end < 0 ? "" : path.slice(end, -".json".length);
		const base = path.slice(0, start);
		add(base + page);
		// Next reads it in two ways, and takes all of them below `/index` for `/` in one of them.
		if (page === "/index" || page.startsWith("/index/")) {
			add(base);
			add(base + page.slice("/index".length));
		}
	}
	const segments = path.endsWith(".segment.rsc") ? path.lastIndexOf(".segments/") : -1;
	if (segments >= 0) addOfSuffix(path.slice(0, segments), add);
	const name = path.lastIndexOf("/");
	if (path.startsWith("/__next.", name) && path.endsWith(".txt")) add(path.slice(0, name));
}

/** `/page-data/x/page-data.json`, and `/page-data/index/page-data.json` of `/`. */
function addOfGatsby(path: string, add: Add): void {
	const [first, last] = ["/page-data/", "/page-data.json"];
	const start = path.indexOf(first);
	if (start < 0 || !path.endsWith(last)) return;
	const page = path.slice(start + first.length, -last.length);
	const base = path.slice(0, start);
	add(`${base}/${page}`);
	if (page === "index") add(base);
}

/**
 * `/RSC/R/x.txt`, where `/_root` stands for `/` and `/__x` for `/_x`; before that, `/RSC/x.txt`.
 */
function addOfWaku(path: string, add: Add): void {
	const start = path.indexOf("/rsc/");
	if (start < 0 || !path.endsWith(".txt")) return;
	const base = path.slice(0, start);
	for (const prefix of ["/rsc", "/rsc/r", "/rsc/_"]) {
		if (!path.startsWith(`${prefix}/`, start)) continue;
		const page = path.slice(start + prefix.length, -".txt".length);
		add(base + page);
		if (page === "/_root" || page === "/_") add(base);
		if (page.startsWith("/__")) add(`${base}/_${page.slice(3)}`);
		if (page.endsWith("/_")) add(base + page.slice(0, -1));
	}
}
