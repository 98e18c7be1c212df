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
 * A value that all copies of the package in this process share. Package managers install one
 * version twice as soon as its peers differ, and what two copies keep apart, neither knows of the
 * other's.
 *
 * @param name Ends with a number. Raise it whenever what is kept changes its form: copies of two
 *   versions must not misread each other.
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

/** Under this symbol a class says on its prototype which copy it is of. */
const COPY = Symbol.for("portcullis.copy.1");

/** Notes that instances of a class are of this copy. */
export function markCopy(base: { readonly prototype: object }): void {
	Object.defineProperty(base.prototype, COPY, { value: THIS_COPY });
}

/**
 * The other copy that an object was made by; `undefined` for one of this copy, and for what is none
 * of ours.
 */
export function otherCopyOf(value: unknown): Copy | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	const copy = (value as { readonly [COPY]?: Copy })[COPY];
	return copy && !isThisCopy(copy) ? copy : undefined;
}

/** What is wrong with a thing of a copy that this one cannot work with. */
export function copyProblem(
	what: string,
	copy: Copy,
): { readonly problem: string; readonly remedy: string } {
	return {
		problem: `${what} is of portcullis ${nameOf(copy)}, and this is ${nameOf(THIS_COPY)}`,
		remedy: ONE_COPY,
	};
}

/**
 * The copies that are loaded, for messages: where there is only one, it is no part of the trouble.
 */
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
