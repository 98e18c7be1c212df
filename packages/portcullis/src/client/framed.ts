import type { LoginOutcome } from "../wire/popup.ts";
import type { Connection } from "./connection.ts";
import { ownPath } from "./later.ts";
import type { PopupWindow } from "./platform.ts";
import { pagesAbove, popupLogin } from "./popup-login.ts";

/** What of a client is used to sign in and out. */
export interface FramedContext {
	readonly connection: Connection;
	readonly endpoint: string;
	/** Tells the other tabs, and fetches everything again. */
	readonly changed: () => void;
}

/**
 * Signs in, in a frame.
 *
 * @param popup Was opened inside the click; empty as yet. `null` if the browser did not let it: the
 *   login page then opens it by a button.
 * @param href The login page, or that of one provider, with the way back.
 */
export async function login(
	{ connection, endpoint, changed }: FramedContext,
	popup: PopupWindow | null,
	href: string,
): Promise<LoginOutcome | undefined> {
	const { assign, href: here, openChannel } = connection.platform;
	const own = (address: string) => ownPath(address, here()) ?? "/";
	const page = own(href);
	if (!popup) {
		assign(page);
		return undefined;
	}
	const { pathname, searchParams } = new URL(page, here());
	const redirectTo = searchParams.get("redirect_to") ?? "/";
	const { status, redirectTo: target } = await popupLogin({
		popup,
		action: pathname,
		redirectTo,
		ancestors: pagesAbove(),
		claim: (body) => connection.send(`${endpoint}/claim`, body),
		openChannel,
	});
	popup.close();
	if (status !== "signed_in") return status;
	changed();
	// Never the caller's own text: the server has checked it, and says where it leads.
	const { pathname: path, search, hash } = location;
	if (redirectTo !== path + search + hash && typeof target === "string") assign(own(target));
	return status;
}

/**
 * Ends the session, in all tabs, and leaves for the page that says so.
 *
 * @param popup A window that was opened inside the click, for the provider's part of it: providers
 *   refuse to be framed. `null` if the browser did not let it; the provider's own session then goes
 *   on.
 */
export async function logout(
	{ connection, changed }: FramedContext,
	popup: PopupWindow | null,
	logoutPath: string,
): Promise<LoginOutcome | undefined> {
	const { platform, send } = connection;
	let target = new URL(logoutPath, platform.href());
	try {
		const response = await send(logoutPath, "{}");
		// An answer without it, as after a crash of the app, leads to the page that asks once more,
		// without script.
		const { location } = response.ok ? await response.json() : {};
		if (typeof location === "string") target = new URL(location, target);
		changed();
	} catch {
		// A failed request leads to the same page.
	}
	const page = ownPath(target.href, platform.href());
	// The provider's part of it is on another site.
	if (popup && page === undefined && /^https?:$/.test(target.protocol))
		popup.location.replace(target.href);
	else if (popup) popup.close();
	platform.assign(page ?? ownPath(logoutPath, platform.href()) ?? "/");
	return undefined;
}
