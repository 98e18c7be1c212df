import type { SetCookie } from "../session/cookies.ts";
import type { User } from "../session/user.ts";
import type { PageAuthContext, Rule } from "./context.ts";
import type { HeaderReader } from "./navigation.ts";

/**
 * One request as a host hands it to the gate. A class or plain object; nothing is read before it is
 * needed.
 */
export interface GateRequest {
	readonly method: string;
	/** Absolute URL with the path just as the router sees it. */
	readonly url: string;
	/** One header by lower-case name; several lines joined as the Fetch standard does. */
	readonly header: HeaderReader;
	/**
	 * The same request as a web-standard one; asked for only where a view, a check or a body needs
	 * it.
	 */
	readonly request: () => Request;
	/** Address of the direct peer, where the host knows it. */
	readonly remoteAddress?: string | undefined;
	/**
	 * Path of the page that the request is about, where `url` is another address: that of its data,
	 * or of an action on it. Written as a browser would ask for it, without query. Its rule counts
	 * beside that of `url`, and alone where no pattern names the path of `url`.
	 */
	readonly pagePath?: string | undefined;
	/**
	 * The tag of the route that is going to answer, where the host can tell: stands in for the
	 * default rule, and tightens what `pages` says.
	 */
	readonly routeRule?: Rule<PageAuthContext> | undefined;
	/**
	 * The tag of the route that would answer a GET of a path, where the host can tell: for
	 * navigations that happen in the browser.
	 */
	readonly ruleOfPath?: ((path: string) => Rule<PageAuthContext> | undefined) | undefined;
}

/** What `gate.handle` is told besides the request. */
export type HandleOptions = Pick<GateRequest, "pagePath" | "remoteAddress">;

/** What the gate says of a request. */
export type AccessResult = RespondResult | AllowResult;

/** The gate answers by itself: one of its own routes, or a refusal. Nothing of the app may run. */
export interface RespondResult {
	readonly kind: "respond";
	readonly response: Response;
}

/** The request may go to the app. */
export interface AllowResult {
	readonly kind: "allow";
	/** Who asks; `undefined` only where everyone may. */
	readonly user: User | undefined;
	/**
	 * True if the answer depends on who asks: it must then leave with `finishResponse`, no matter
	 * what the app wrote.
	 */
	readonly isPrivate: boolean;
	/**
	 * True if it was an access token that said who asks: the answer then differs by `Authorization`
	 * too.
	 */
	readonly isByToken?: boolean;
	/**
	 * True if the route's own tag stood in for the default rule. The host makes sure that this very
	 * route answers.
	 */
	readonly decidedByTag: boolean;
	/**
	 * Who may show the answer in a frame, as a policy by itself: `frame-ancestors ...` (CSP Level 3
	 * section 6.4.2). Goes with private answers.
	 */
	readonly framing: string;
	/** Cookies to be set with the answer. */
	readonly cookies: readonly SetCookie[];
}
