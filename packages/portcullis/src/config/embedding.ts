import type { ConfigProblem } from "../base/errors.ts";
import { isLoopbackInBrowsers } from "../base/ip.ts";
import type { StateStore } from "../store/contract.ts";
import { unknownKeys } from "./option-row.ts";

/** Who may show the app in a frame. */
export interface EmbedOptions {
	/**
	 * Origins of the pages that do, such as `https://portal.example`. Wherever frames are nested,
	 * each page above the app.
	 */
	ancestors: readonly string[];
}

/** The same, compiled. */
export interface Embedding {
	/** Empty where no page may frame the app. */
	readonly ancestors: readonly string[];
	/**
	 * The policy for guarded answers and views: `frame-ancestors ...` (CSP Level 3 section 6.4.2).
	 */
	readonly framing: string;
	/**
	 * Whether pages with these origins, from the parent to the top, may be above the app. None is
	 * fine: it is in no frame then.
	 */
	isAllowed(ancestors: readonly string[]): boolean;
	/** Where popup handoffs are known to be used, in all processes that see it. */
	readonly store: StateStore;
	/** Whether a popup that has lost its opener may leave the popup handoff in the store. */
	readonly hasRendezvous: boolean;
}

/**
 * No page may frame it: views that begin nothing in a frame, and every answer where `http.embed` is
 * not set.
 */
export const NO_FRAMING = "frame-ancestors 'none'";

/** The most frames above each other; no real page has more. */
const MAX_ANCESTORS = 8;

/** Looks at `http.embed`. Returns every mistake. */
export function checkEmbed(embed: unknown): ConfigProblem[] {
	const ancestors: unknown = (embed as Partial<EmbedOptions> | null)?.ancestors;
	const remedy =
		'Write http: { embed: { ancestors: ["https://portal.example"] } }, or leave embed out: nobody can frame the app then.';
	if (!Array.isArray(ancestors) || ancestors.length === 0)
		return [{ problem: "http.embed.ancestors is not a list of origins, or an empty one", remedy }];
	return [
		...unknownKeys("http.embed", embed, ["ancestors"]),
		...ancestors.flatMap((entry: unknown) => {
			const wrong = ancestorProblem(entry);
			return wrong
				? [{ problem: `http.embed.ancestors has ${JSON.stringify(entry)}, which ${wrong}`, remedy }]
				: [];
		}),
	];
}

export function compileEmbedding(
	embed: EmbedOptions | undefined,
	store: StateStore,
	hasRendezvous: boolean,
): Embedding {
	const allowed = new Set(embed?.ancestors);
	return {
		ancestors: [...allowed],
		framing: allowed.size === 0 ? NO_FRAMING : `frame-ancestors ${[...allowed].join(" ")}`, // proven: framing-not-said
		// proven: any-ancestor
		isAllowed: (ancestors) =>
			ancestors.length <= MAX_ANCESTORS && ancestors.every((origin) => allowed.has(origin)),
		store,
		hasRendezvous,
	};
}

/**
 * What is wrong with one ancestor; `undefined` if nothing is. Whole origins only: each of them can
 * act in the person's name, so each is named.
 */
function ancestorProblem(entry: unknown): string | undefined {
	if (typeof entry !== "string") return "is not an origin";
	// proven: wildcard-ancestor
	if (entry.includes("*"))
		return "has a wildcard: everybody who gets hold of a name below it could frame the app";
	let url: URL;
	try {
		url = new URL(entry);
	} catch {
		return "is not an origin";
	}
	if (url.origin !== entry)
		return `is not an origin as browsers write it${url.origin === "null" ? "" : ` (${url.origin})`}`;
	if (url.protocol === "https:" || (url.protocol === "http:" && isLoopbackInBrowsers(url.hostname)))
		return undefined;
	return "is not https: whoever is in between could put another page around the app";
}
