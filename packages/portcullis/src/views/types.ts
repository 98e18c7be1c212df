import type { Html } from "./html.ts";
import type { Texts } from "./texts.ts";

/** A provider as a view shows it. */
export interface ViewProvider {
	readonly name: string;
	/** Label for the button: "Login with {displayName}". */
	readonly displayName: string;
	/**
	 * Where the button leads: a path of the app's own origin that carries the return target. Already
	 * safe to put into an `href`.
	 */
	readonly loginHref: string;
	/**
	 * `popup`: the login runs in a popup that the page's script opens, see `popup` of the login view.
	 * `tab`: in a new tab, because the page is in a frame, where providers refuse to be shown. Absent
	 * where the link is just followed.
	 */
	readonly opens?: "popup" | "tab" | undefined;
}

/** What the script of a page needs that opens login popups: hand it to `popupScript`. */
export interface PopupContext {
	/** Path below which the gate's endpoints are. */
	readonly endpoints: string;
	/** The one page that may be above the app, where there is only one. */
	readonly onlyAncestor: string | undefined;
	/**
	 * True where the browser did not say whether the page is in a frame: the script finds out, and at
	 * the top leaves the links alone.
	 */
	readonly onlyInFrames?: boolean | undefined;
}

interface ViewBase {
	readonly request: Request;
	/**
	 * Value for the `nonce` attribute of a `<style>` or `<script>` of the view; anything without it
	 * is refused by the browser.
	 */
	readonly nonce: string;
	/** The app's start page: a path of its own origin. */
	readonly homeHref: string;
	/** Every provider, in the order of the configuration. */
	readonly providers: readonly ViewProvider[];
	/**
	 * What the default views say, in the language that the person's browser prefers among those
	 * offered.
	 */
	readonly texts: Texts;
}

export interface LoginViewContext extends ViewBase {
	readonly kind: "login";
	/** Where the person goes after login: a path of the app's own origin. */
	readonly redirectTo: string;
	/** Set when a person is signed in already. */
	readonly user: { readonly name: string } | undefined;
	/**
	 * Why the person is here again. `attempt_expired`: the attempt before could not be completed.
	 * `origin_unknown`: a login was not begun, because the browser did not say where it came from;
	 * the links of this page will do.
	 */
	readonly notice: "attempt_expired" | "origin_unknown" | undefined;
	/** Error id of the notice, where it has one: the same one stands in the log. */
	readonly noticeId?: string | undefined;
	/**
	 * Set when logins run in popups: the page then needs `popupScript`, and a link with
	 * `data-opens="popup"` for each provider that `opens` one.
	 */
	readonly popup?: PopupContext | undefined;
}

export interface CallbackViewContext extends ViewBase {
	readonly kind: "callback";
	/**
	 * Path below which the gate's endpoints are: scripts of the page find the browser's other tabs by
	 * it.
	 */
	readonly endpoints: string;
	/** Where the page moves on to, by itself: a path of the app's own origin. */
	readonly destination: string;
}

export interface LogoutViewContext extends ViewBase {
	readonly kind: "logout";
	/**
	 * Path below which the gate's endpoints are: scripts of the page find the browser's other tabs by
	 * it.
	 */
	readonly endpoints: string;
	/** `confirm`: the form is still to be sent. `done`: the session has ended. */
	readonly phase: "confirm" | "done";
	/** Who is signed in, as far as this request shows it. */
	readonly user: { readonly name: string } | undefined;
	/** Action of the form (method POST): a path of the app's own origin. */
	readonly formAction: string;
	/** Hidden fields of the form: name and value. */
	readonly fields: Readonly<Record<string, string>>;
	/** True if the navigation is provably the app's own: the form may then be submitted by script. */
	readonly autoSubmit: boolean;
	/** In phase `done`: whether the provider's own session was ended too. */
	readonly providerSession: "ended" | "maybe_alive" | undefined;
	/**
	 * Where the provider's own session is ended, for a link that opens a new tab: in a frame the
	 * provider cannot be shown.
	 */
	readonly endSessionHref?: string | undefined;
}

export interface ForbiddenViewContext extends ViewBase {
	readonly kind: "forbidden";
	readonly user: { readonly name: string; readonly email?: string | undefined } | undefined;
	/** Where "Sign out" leads: a path of the app's own origin. */
	readonly logoutHref: string;
}

export interface ErrorViewContext extends ViewBase {
	readonly kind: "error";
	readonly error: {
		/** Stable code, such as `provider_unreachable`. */
		readonly code: string;
		/**
		 * Error id: the same one stands in a line of the log. Empty if the log has no line about it.
		 */
		readonly id: string;
		/** One short sentence for the heading, in the person's language. */
		readonly title: string;
		/** What happened and what to do, for a person, in their language. */
		readonly message: string;
		/**
		 * Text that the provider sent (`error_description`), length-capped. Untrusted: show as text
		 * only.
		 */
		readonly providerText?: string | undefined;
	};
	/** Where "Try again" leads, if trying again can help: a path of the app's own origin. */
	readonly retryHref: string | undefined;
}

/** Builds one view: HTML made with the `html` template, or a whole `Response`. */
export type View<C> = (context: C) => Html | Response | Promise<Html | Response>;

export interface Views {
	login: View<LoginViewContext>;
	callback: View<CallbackViewContext>;
	logout: View<LogoutViewContext>;
	forbidden: View<ForbiddenViewContext>;
	error: View<ErrorViewContext>;
}
