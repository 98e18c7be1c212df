import type { PageAuthContext, Rule } from "./context.ts";
import type { HeaderReader } from "./navigation.ts";
import type { PathRules } from "./path-rules.ts";

/**
 * The address of functions without a path of their own. A pattern opens or shuts it like any path.
 */
const NO_PATH = "/_action";

/**
 * Headers that name a function, of requests that are no `GET`: of Next; of React Router and Parcel;
 * of Vite, vinext and Modern.js.
 */
const HEADERS = ["next-action", "rsc-action-id", "x-rsc-action", "x-rsc-action-id", "rsc-action"];

type AddressOf = (value: string) => string;

/** Parameters that name a function, of requests that are no `GET`, and its address. */
const PARAMETERS: ReadonlyMap<string, AddressOf> = new Map<string, AddressOf>([
	// SvelteKit: the key of an instance may follow, `<module>/<name>/<key>`.
	["/remote", (id) => `/_app/remote/${id.split("/", 2).join("/")}`],
	// Astro, and before its version 5.
	["_action", (name) => `/_actions/${name}`],
	["_astroAction", (name) => `/_actions/${name}`],
	// Qwik City. One of the page's own looks the same.
	["qaction", () => NO_PATH],
]);

/** The same by any method: functions of Qwik City and of RedwoodSDK may be read by `GET`. */
const PARAMETERS_OF_ALL: ReadonlyMap<string, AddressOf> = new Map([
	["qfunc", () => NO_PATH],
	["__rsc_action_id", () => NO_PATH],
]);

/**
 * Functions that one request may name, and characters of an address. Frameworks run one, with a
 * short name; looking up each takes time.
 */
const MAX_FUNCTIONS = 2;
const MAX_LENGTH = 256;
const NOBODYS: readonly Rule<PageAuthContext>[] = [() => false];
const NONE: readonly never[] = [];

/** Both kinds. A type that is not quite one may still be read as it. */
const FORM = /form/i;

/** What is looked at of a request. */
export interface NamingRequest {
	readonly method: string;
	readonly url: string;
	readonly header: HeaderReader;
}

/**
 * Compiles the look-up of the functions that a request names in its query or in a header, by the
 * conventions of well-known frameworks; most requests name none. Such a function runs at the path
 * of any page, also of an open one, so that the rule of the path says nothing about it.
 *
 * A function obeys the rules of the path at which the framework serves it too, or of `/_action` if
 * there is none. An app that has a pattern for `/_action` says that it has such functions: its
 * forms may name one in their body, which nothing here reads, so that all of them obey it.
 *
 * @param pages The patterns of the app.
 * @param rulesOf What the configuration says about a path.
 * @returns The rules of a request. Of a `GET` without a query nothing but that is looked at.
 */
export function compileFunctionRules(
	pages: Readonly<Record<string, unknown>>,
	rulesOf: (path: string) => PathRules,
): (request: NamingRequest) => readonly Rule<PageAuthContext>[] {
	const formsName = [NO_PATH, `${NO_PATH}/*`].some((pattern) => Object.hasOwn(pages, pattern));
	return (request) => {
		const addresses = functionAddresses(request, formsName);
		if (addresses === undefined) return NOBODYS; // proven: any-functions
		return addresses.length === 0 ? NONE : addresses.flatMap((address) => rulesOf(address).rules);
	};
}

/**
 * The addresses of the functions that a request names; `undefined` if there are more, or longer
 * ones, than a framework would run.
 *
 * @param formsName Whether the body of any form may name one.
 */
export function functionAddresses(
	{ method, url, header }: NamingRequest,
	formsName: boolean,
): readonly string[] | undefined {
	const isRead = method === "GET" || method === "HEAD";
	const query = url.indexOf("?");
	if (isRead && query < 0) return NONE;
	const addresses = new Set<string>();
	if (!isRead && HEADERS.some((name) => header(name) !== null)) addresses.add(NO_PATH); // proven: function-headers
	if (formsName && !isRead && FORM.test(header("content-type") ?? "")) addresses.add(NO_PATH); // proven: function-forms
	if (query >= 0) {
		for (const [name, value] of new URLSearchParams(url.slice(query + 1))) {
			const addressOf = PARAMETERS_OF_ALL.get(name) ?? (isRead ? undefined : PARAMETERS.get(name)); // proven: function-parameters
			// Without a value it is something else: `?/remote` an action of that name.
			if (addressOf === undefined || value === "") continue;
			const address = addressOf(value);
			addresses.add(address);
			if (addresses.size > MAX_FUNCTIONS || address.length > MAX_LENGTH) return undefined; // proven: costly-functions
		}
	}
	return addresses.size === 0 ? NONE : [...addresses];
}
