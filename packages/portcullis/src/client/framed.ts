import { type ClaimAnswer, type LoginOutcome, POPUP_FIELDS, POPUP_MESSAGE } from "../wire/popup.ts";
import type { Connection } from "./connection.ts";
import { ownPath } from "./later.ts";
import type { PopupWindow } from "./platform.ts";

/**
 * For so long the server is asked whether the popup has left something there; once each second.
 * Seconds.
 */
const ASK_FOR = 180;
const ASK_EVERY = 1000;

/** What of a client is used to sign in and out. */
export interface FramedContext {
	readonly connection: Connection;
	readonly endpoint: string;
	/** Tells the other tabs, and fetches everything anew. */
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
	context: FramedContext,
	popup: PopupWindow | null,
	href: string,
): Promise<LoginOutcome | undefined> {
	const { assign, href: here } = context.connection.platform;
	const own = (address: string) => ownPath(address, here()) ?? "/";
	const page = own(href);
	if (!popup) {
		assign(page);
		return undefined;
	}
	const { pathname, searchParams } = new URL(page, here());
	const redirectTo = searchParams.get("redirect_to") ?? "/";
	let target: unknown;
	const outcome = await popupLogin(context, popup, pathname, redirectTo, (answer) => {
		target = answer.redirectTo;
	});
	if (outcome !== "signed_in") {
		popup.close();
		return outcome;
	}
	context.changed();
	// Never the caller's own text: the server has checked it, and says where it leads.
	const { pathname: path, search, hash } = location;
	if (redirectTo !== path + search + hash && typeof target === "string") assign(own(target));
	return outcome;
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
		// Nor is there a way to say more.
	}
	const page = ownPath(target.href, platform.href());
	// The provider's part of it is on another site.
	if (popup && page === undefined && /^https?:$/.test(target.protocol))
		popup.location.replace(target.href);
	else if (popup) popup.close();
	platform.assign(page ?? ownPath(logoutPath, platform.href()) ?? "/");
	return undefined;
}

/**
 * Signs in by a popup. The popup is sent on by a form, which no link and no redirect can imitate;
 * the verifier never leaves this window but to the server, and what comes back is of no use without
 * it.
 *
 * A popup that is closed means nothing: a page of the provider may have cut it off, and it goes on.
 * It only tells that no message can come any more, where the server keeps none.
 */
async function popupLogin(
	{ connection, endpoint }: FramedContext,
	popup: PopupWindow,
	action: string,
	redirectTo: string,
	signedIn: (answer: SignedIn) => void,
): Promise<LoginOutcome> {
	const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
	const challenge = base64url(
		new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))),
	);
	const ancestors = pagesAbove();
	const ask = async (handoff: string | undefined): Promise<Claimed> => {
		const body = JSON.stringify({ verifier, ancestors, handoff });
		const response = await connection.send(`${endpoint}/claim`, body);
		const { status } = response;
		if (response.ok) {
			const answer = (await response.json()) as ClaimAnswer;
			if (answer.status === "signed_in") signedIn(answer);
			return answer.status;
		}
		return status === 404 ? "unkept" : status === 429 || status >= 500 ? "pending" : "refused";
	};
	// One after another: of a message and a question at the same time, the second would be told that
	// all is used up.
	let last: Promise<Claimed> = Promise.resolve("pending");
	const claim = (handoff?: string) => {
		last = last.then((before) =>
			before === "signed_in" ? before : ask(handoff).catch(() => "pending"),
		);
		return last;
	};

	// The form is sent to the window by its name.
	popup.name = challenge;
	const ended = new AbortController();
	const told = new Promise<string>((resolve) => {
		const hear = (data: unknown) => {
			const { type, challenge: about, handoff } = (data ?? {}) as Record<string, unknown>;
			if (type === POPUP_MESSAGE && about === challenge && typeof handoff === "string")
				resolve(handoff);
		};
		addEventListener(
			"message",
			({ origin, source, data }) => {
				if (origin === location.origin && source === popup) hear(data);
			},
			{ signal: ended.signal },
		);
		// Reaches windows of ours at the top that the provider has cut off; never a frame of another
		// site.
		const channel = connection.platform.openChannel(POPUP_MESSAGE);
		if (channel) {
			channel.onmessage = ({ data }) => hear(data);
			ended.signal.addEventListener("abort", () => channel.close());
		}
	});
	send(popup, action, {
		[POPUP_FIELDS.challenge]: challenge,
		[POPUP_FIELDS.ancestors]: ancestors.join(" "),
		[POPUP_FIELDS.redirectTo]: redirectTo,
	});

	const wait = async (): Promise<LoginOutcome> => {
		let isKept = true;
		for (let asked = 0, closed = 0; asked < ASK_FOR && !ended.signal.aborted; asked++) {
			await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
			if (ended.signal.aborted) break;
			if (isKept) {
				const status = await claim();
				if (status === "unkept") isKept = false;
				else if (status !== "pending") return status;
			} else if (popup.closed && ++closed > 2) break;
		}
		return "lost";
	};
	const heard = told.then(async (handoff) => {
		ended.abort();
		return (await claim(handoff)) === "signed_in" ? "signed_in" : "refused";
	});
	// It gives up when something was heard, and must not win then.
	const waited = wait().then((outcome) => (ended.signal.aborted ? heard : outcome));
	const outcome = await Promise.race([heard, waited]);
	ended.abort();
	if (outcome === "signed_in") popup.close();
	return outcome;
}

type SignedIn = Extract<ClaimAnswer, { readonly status: "signed_in" }>;

/** What the server says: `unkept` if it keeps nothing that could be waited for. */
type Claimed = ClaimAnswer["status"] | "unkept" | "refused";

/** Sends the popup on, from this very page. */
function send(popup: PopupWindow, action: string, fields: Readonly<Record<string, string>>): void {
	const form = document.createElement("form");
	form.method = "post";
	form.action = action;
	form.target = popup.name;
	for (const [name, value] of Object.entries(fields)) {
		const input = document.createElement("input");
		input.type = "hidden";
		input.name = name;
		input.value = value;
		form.append(input);
	}
	document.body.append(form);
	form.submit();
	form.remove();
}

/**
 * Origins of the pages above this one, from the parent to the top. Where the browser does not say,
 * the one that led here.
 */
function pagesAbove(): string[] {
	if (parent === window) return [];
	const { ancestorOrigins } = location;
	if (ancestorOrigins) return [...ancestorOrigins];
	const before = document.referrer && new URL(document.referrer).origin;
	return before && before !== location.origin ? [before] : ["unknown"];
}

function base64url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replace(/=+$/, "");
}
