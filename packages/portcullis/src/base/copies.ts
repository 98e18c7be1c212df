/** Version of this package; `package.json` says the same. */
export const VERSION = "0.1.0";

/** One installed copy of the package that was loaded into this process. */
export interface Copy {
	readonly version: string;
	/** Address of its folder, or of the bundle that it is part of. */
	readonly place: string;
}

/** The copy that this very module belongs to. */
export const THIS_COPY: Copy = Object.freeze({ version: VERSION, place: placeOf(import.meta.url) });

/**
 * A value that all copies of the package in this process share. Package managers install one version twice as soon as its
 * peers differ, and what two copies keep apart, neither knows of the other's.
 *
 * @param name Ends with a number. Raise it whenever what is kept changes its form: copies of two versions must not misread each other.
 */
export function shared<T extends object>(name: string, create: () => T): T {
	const key = Symbol.for(`portcullis.${name}`);
	const holder = globalThis as unknown as Record<symbol, T | undefined>;
	const known = holder[key];
	if (known !== undefined) return known;
	const value = create();
	Object.defineProperty(globalThis, key, { value });
	return value;
}

const loaded = shared("copies.1", () => [] as Copy[]);
if (!loaded.some(isThisCopy)) loaded.push(THIS_COPY);

/** True for the same installation: its command line is a bundle of its own, and no second copy. */
export function isThisCopy({ place, version }: Copy): boolean {
	return place === THIS_COPY.place && version === THIS_COPY.version;
}

/** The copies that are loaded, for messages: where there is only one, it is no part of the trouble. */
export function loadedCopies(): { readonly count: number; readonly text: string } {
	return { count: loaded.length, text: loaded.map(nameOf).join(" and ") };
}

/** `0.1.0 at file:///app/portcullis` */
export function nameOf({ version, place }: Copy): string {
	return `${version} at ${place}`;
}

/** What to do about two copies. */
export const ONE_COPY =
	"Install portcullis once: give all packages of the workspace the same versions of it and of its peers, such as hono, and let bundlers leave it external.";

/** The folder of the package; for a bundle of the app, the bundle. */
function placeOf(url: string | undefined): string {
	if (!url) return "(a bundle)";
	return url.replace(/[?#].*$/, "").replace(/\/(?:dist|src)\/(?:(?!\/(?:dist|src)\/).)*$/, "");
}
